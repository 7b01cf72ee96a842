"""Log lines: one JSON object each, ids only (R-HS-07); what opens a door (a token in an address) is left out."""

import logging
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

# Addresses whose last part is a secret: an invitation, a new password.
SECRET = re.compile(r"(/welcome/|/password/reset/key/)[^\s/?]+")
DROPPED = ("user_agent",)


def masked(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The line without secrets in addresses and without what says more about a person than we need."""
    for key in DROPPED:
        event.pop(key, None)
    for key, value in event.items():
        if isinstance(value, str) and "/" in value:
            event[key] = SECRET.sub(r"\1…", value)
    return event


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def formatter() -> logging.Formatter:
    """structlog's formatter for our own lines and for libraries' lines alike."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            masked,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
    )


def configure() -> None:
    """Let structlog's lines go through logging, so that levels and handlers of settings.LOGGING hold for them."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
