"""Days in a message: how they are written, which is meant, and what names none or a deadline."""
