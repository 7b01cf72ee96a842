"""Log lines: one JSON object each, ids only (R-HS-07); what opens a door (a token in an address) is left out."""

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import structlog

# Addresses whose last part is a secret: an invitation, a new password.
SECRET = re.compile(r"(/welcome/|/password/reset/key/)[^\s/?]+")
DROPPED = ("user_agent",)
MOST_FRAMES, MOST_CAUSES = 8, 4


def masked(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The line without secrets in addresses and without what says more about a person than we need."""
    for key in DROPPED:
        event.pop(key, None)
    for key, value in event.items():
        if isinstance(value, str) and "/" in value:
            event[key] = SECRET.sub(r"\1…", value)
    return event


def traced(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception as its kinds and places only. Its words may quote a row (a name, a note) and stay out (R-HS-07)."""
    told = event.pop("exc_info", None)
    error = told if isinstance(told, BaseException) else told[1] if isinstance(told, tuple) else sys.exc_info()[1]
    if told and error is not None:
        event["exception"] = " < ".join(_kind_and_places(error))
    return event


def _kind_and_places(error: BaseException) -> list[str]:
    """The error and what it came from, each with the last places it passed, outermost first."""
    found: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(found) < MOST_CAUSES:
        frames = traceback.extract_tb(seen.__traceback__)[-MOST_FRAMES:]
        places = ", ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)
        found.append(f"{type(seen).__name__} at {places}")
        seen = seen.__cause__ or seen.__context__
    return found


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
            traced,
            masked,
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
