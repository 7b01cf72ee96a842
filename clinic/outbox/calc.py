"""Arithmetic of due work: when to try again, text that a gateway hands us made fit to store."""

import re
from datetime import timedelta

MOST_ATTEMPTS = 8
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)

# Control characters and halves of characters, which PostgreSQL or a reader would choke on.
_UNSTORABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts that did not succeed: 1, 2, 4 … minutes, an hour at most."""
    return min(FIRST_WAIT * (1 << max(0, min(attempts, 20) - 1)), LONGEST_WAIT)


def storable(text: str, most: int) -> str:
    """The text without what cannot be stored, cut to `most` characters. A machine sent it: nobody can be asked."""
    return _UNSTORABLE.sub("", text)[:most].strip()
