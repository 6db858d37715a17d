"""The command and the running service."""
