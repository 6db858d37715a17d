"""The one conversation model and its durable store."""
