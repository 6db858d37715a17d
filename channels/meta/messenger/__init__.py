"""Messenger and the comments under a Facebook page's posts."""
