"""How Tandem says no: a rule returns the sentence of refusal or None; `check` turns a sentence into Refused."""

from collections.abc import Callable
from typing import ParamSpec

P = ParamSpec("P")


class Refused(Exception):
    """A rule refuses. The sentence is shown to the person as it is (422) and recorded in the audit."""

    def __init__(self, sentence: str, *, field: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field  # the form field that the sentence belongs to, if any


class Conflict(Refused):
    """Somebody else changed the same thing meanwhile (409); what was typed is kept."""


def check(rule: Callable[P, str | None], *args: P.args, **kwargs: P.kwargs) -> None:
    """Raise Refused with the rule's sentence, if it has one."""
    refuse(rule(*args, **kwargs))


def refuse(sentence: str | None, field: str = "") -> None:
    """Raise Refused with the sentence, if there is one; `field`: the form field beside which it stands."""
    if sentence:
        raise Refused(sentence, field=field)
