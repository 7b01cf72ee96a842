"""The list of medicines as a form: an answer and words for each line, and what the person saw of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict

from clinic.web.forms import TandemForm
from medications.reconciling import rules
from medications.reconciling.actions import Said
from medications.reconciling.enums import Answer
from medications.reconciling.queries import Listed

KEYS = {Answer.CONFIRMED: "A", Answer.DIFFERENTLY: "D", Answer.STOPPED: "S", Answer.UNKNOWN: "N"}
LABELS = {
    Answer.CONFIRMED: "As it says", Answer.DIFFERENTLY: "Differently", Answer.STOPPED: "Stopped",
    Answer.UNKNOWN: "Not known",
}  # fmt: skip


@dataclass(frozen=True)
class AskedLine:
    """One medicine with its fields. `changed`: it is not as the person saw it, so its answer is asked anew."""

    listed: Listed
    answer: forms.BoundField
    words: forms.BoundField
    changed: bool

    @property
    def errors(self) -> list[str]:
        """What is wrong with the line, in sentences."""
        return [*self.answer.errors, *self.words.errors]

    @property
    def choices(self) -> list[tuple[str, str, str]]:
        """Value, label and key of each answer."""
        return [(str(one), LABELS[one], KEYS[one]) for one in Answer]


class ListForm(TandemForm):
    """An answer for every line."""

    def __init__(self, data: QueryDict | None, *, listed: Sequence[Listed], changed: Sequence[str] = ()) -> None:
        super().__init__(data)
        self.listed, self.changed = listed, set(changed)
        for one in listed:
            self.fields[f"answer:{one.key}"] = forms.ChoiceField(choices=Answer.choices, required=False)
            self.fields[f"words:{one.key}"] = forms.CharField(max_length=300, required=False)

    @property
    def lines(self) -> list[AskedLine]:
        """The lines in the order of the page."""
        return [
            AskedLine(one, self[f"answer:{one.key}"], self[f"words:{one.key}"], one.key in self.changed)
            for one in self.listed
        ]

    def clean(self) -> dict[str, Any]:
        """An answer on every line, words where they carry it."""
        data: dict[str, Any] = super().clean() or {}
        for one in self.listed:
            fields = f"answer:{one.key}", f"words:{one.key}"
            if any(name in self.errors for name in fields):
                continue
            if refusal := rules.line(data.get(fields[0], ""), data.get(fields[1], "")):
                self.add_error(f"{refusal[1]}:{one.key}", refusal[0])
        return data


def seen(data: QueryDict) -> dict[UUID, Said]:
    """What was sent of each line, whatever the list is now: fields `base:`, `answer:` and `words:` by prescription."""
    found = {}
    for name in data:
        if name.startswith("base:") and (pk := key(name.removeprefix("base:"))):
            found[pk] = Said(str(data[name]), data.get(f"answer:{pk}", ""), data.get(f"words:{pk}", ""))
    return found


def stale(given: dict[UUID, Said], listed: Sequence[Listed]) -> list[str]:
    """The lines that are not as the page showed them, new ones among them."""
    return [one.key for one in listed if one.row.pk not in given or given[one.row.pk].base != one.base]


def renewed(data: QueryDict, listed: Sequence[Listed]) -> QueryDict:
    """What was sent, on the list as it is now: answers to what changed are taken off, words are kept."""
    copy = data.copy()
    for name in stale(seen(data), listed):
        copy.pop(f"answer:{name}", None)
    return copy


def key(text: str | None) -> UUID | None:
    """A key that a form carries; None for none, and for what is none."""
    try:
        return UUID(text or "")
    except ValueError:
        return None
