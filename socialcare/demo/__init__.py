"""The demo: stories played against stand-ins, each checked at its end."""
