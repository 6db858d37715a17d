"""Telegram, by its Bot API 10.1: https://core.telegram.org/bots/api."""
