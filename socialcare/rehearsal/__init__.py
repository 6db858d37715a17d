"""Rehearsals: conversations written by a brand's team, played against its own configuration."""
