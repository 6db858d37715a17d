"""Slack: the transport that desk and channel share, https://docs.slack.dev."""
