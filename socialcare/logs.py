"""Logs: one JSON line a record, ids instead of texts, secrets and personal data masked.

Nothing here relies on callers being careful: a last processor goes over every value, whoever
logged it, our own code or a library.
"""

import logging
import re
import sys
from collections.abc import Collection, MutableMapping
from typing import Any, TextIO

import structlog

from brain.masking import IBAN, is_iban
from brain.plain_sight import as_read

_MAX = 500
"""Characters of one value; a log is no place for a customer's letter."""
_TRACE_MAX = 4_000
"""Characters of a traceback, counted from its end: the last lines say what went wrong."""
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+")
_LONG_NUMBER = re.compile(
    r"(?<![\w.-])\+?\(?\d(?:[ \u00a0\u2010-\u2015\u202f()/-]{0,2}\d){8,18}(?![\w-]|\.\w)"
)
_BOT_TOKEN = re.compile(r"(?<!\d)\d{5,12}:[\w-]{20,}")  # in addresses it follows "bot"
_SLACK_TOKEN = re.compile(r"\bx(?:ox[a-z]|app)-[\w-]+")
_BEARER = re.compile(r"(?i)\b(bearer|basic) [\w.~+/=-]+")
_HOOK = re.compile(r"https://hooks\.slack\.com/\S+")

QUIET = (
    *("httpx", "httpcore", "telegram", "slack_bolt", "slack_sdk", "aiohttp.access", "aiosqlite"),
    *("tweepy", "oauthlib", "requests_oauthlib"),
)
"""Libraries that print requests, tokens or texts below WARNING."""


class Masking:
    """Takes secrets and personal data out of every log record."""

    def __init__(self, secrets: Collection[str] = ()) -> None:
        self._secrets = sorted((s for s in secrets if len(s) >= 6), key=len, reverse=True)

    def __call__(
        self, _logger: object, _method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        """Mask one record."""
        for key, value in event.items():
            if key == "exception" and isinstance(value, str):
                event[key] = self._masked(value)[-_TRACE_MAX:]
            elif isinstance(value, str):
                event[key] = self.mask(value)
            elif not isinstance(value, int | float | bool | None):
                event[key] = self.mask(repr(value))
        return event

    def mask(self, text: str) -> str:
        """Mask one text, and cut it."""
        text = self._masked(text)
        return text if len(text) <= _MAX else text[:_MAX] + "…"

    def _masked(self, text: str) -> str:
        plain = as_read(text)
        masked = self._without(plain)
        return text if masked == plain else masked

    def _without(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "[secret]")
        for pattern in (_BOT_TOKEN, _SLACK_TOKEN, _BEARER, _HOOK):
            text = pattern.sub("[secret]", text)
        text = IBAN.sub(lambda m: "[iban]" if is_iban(m[0]) else m[0], _EMAIL.sub("[email]", text))
        return _LONG_NUMBER.sub("[number]", text)


def set_up(*, secrets: Collection[str], stream: TextIO | None = None) -> None:
    """Send structlog's and the standard library's records through one chain to ``stream``.

    JSON lines where ``stream`` is no terminal, readable lines where it is one.
    """
    out = stream or sys.stderr
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        Masking(secrets),
    ]
    last: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if out.isatty() else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
