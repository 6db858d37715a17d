"""Instagram: direct messages, comments, replies to stories and mentions in them."""
