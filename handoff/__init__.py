"""The humans: what colleagues see of a conversation at the desk, and what their presses mean."""
