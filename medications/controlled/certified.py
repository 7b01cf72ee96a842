"""The certified system that signs controlled substances (R-RX-06): Tandem signs none; it keeps intent, number, status.

A back end of a certified module replaces `Local` by its dotted name in settings.CERTIFIED_BACKEND.
"""

from dataclasses import dataclass
from functools import cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class Certified(Protocol):
    """What Tandem needs of a certified system: how to call it, and what to tell the person at the screen."""

    name: str
    connected: bool
    sentence: str

    def opens(self, authorisation_id: str) -> str:
        """The address at which the registrant signs the authorisation there; empty: none."""
        ...


@dataclass(frozen=True)
class Local:
    """No certified system: the registrant signs in their own, or on paper, and tells the number here."""

    name: str = "local"
    connected: bool = False
    sentence: str = (
        "No certified system is connected. This is an intent, not a prescription: sign it in your own certified "
        "system or on paper, then keep its number here."
    )

    def opens(self, authorisation_id: str) -> str:
        """There is nothing to open."""
        return ""


@cache
def backend() -> Certified:
    """The back end of this installation."""
    made: Certified = import_string(settings.CERTIFIED_BACKEND)()
    return made
