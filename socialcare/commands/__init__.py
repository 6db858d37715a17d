"""The commands beside `run`: each module registers its own on the one application."""
