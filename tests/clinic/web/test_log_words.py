"""A log line tells the kind of an error and where it was, never its words: they may quote a row (R-HS-07)."""

import json
import logging
import sys

from clinic.web.logs import formatter

SECRET = "Ana Quiroga takes sertraline"


def _line() -> str:
    try:
        try:
            raise ValueError(f"DETAIL: Key (family_name)=({SECRET}) exists.")
        except ValueError as error:
            raise RuntimeError(f"while saving {SECRET}") from error
    except RuntimeError:
        logger = logging.getLogger("tests")
        record = logger.makeRecord("tests", logging.ERROR, __file__, 1, "it broke", (), sys.exc_info())
        return formatter().format(record)


def test_an_error_is_told_by_kind_and_place() -> None:
    told = json.loads(_line())
    assert told["event"] == "it broke"
    assert told["exception"].startswith("RuntimeError at test_log_words.py:")
    assert " < ValueError at test_log_words.py:" in told["exception"]


def test_its_words_stay_out() -> None:
    assert "Quiroga" not in _line()
    assert "sertraline" not in _line()
