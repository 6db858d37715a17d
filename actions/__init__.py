"""What may be done in the brand's systems, how far, and how it is done once."""
