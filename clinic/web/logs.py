"""Log lines: one JSON object each, ids only (R-HS-07)."""

import logging

import structlog


def formatter() -> logging.Formatter:
    """structlog's formatter for our own lines and for libraries' lines alike."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_log_level, structlog.processors.TimeStamper(fmt="iso", utc=True)],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(),
        ],
    )
