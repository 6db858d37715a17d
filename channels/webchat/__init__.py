"""The chat on the brand's own pages: we are the platform."""
