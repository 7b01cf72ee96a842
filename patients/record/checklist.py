"""The checklist of medical facts as a form: by group, a row a question, readings at the end."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.text import capfirst

from clinic.web.forms import AmountInput, DateInput, TandemForm
from patients.record import queries
from patients.record.enums import FACT_GROUPS, READING_UNITS, FactAnswer, FactKey, ReadingKind

POUND = Decimal("0.45359237")
PRESSURE = re.compile(r"^\s*([0-9]{2,3})\s*[/ ]\s*([0-9]{2,3})\s*$")
PREGNANCY = FACT_GROUPS["Pregnancy"]


class FactsForm(TandemForm):
    """Every question that prescribing needs. One that is not answered stays as it was."""

    confirm = forms.BooleanField(required=False, label="The other known answers were asked again: unchanged")
    base = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    weight_unit = forms.ChoiceField(
        choices=[("kg", "kg"), ("lb", "lb")], required=False, label="Unit of the weight",
        widget=forms.Select({"class": "form-select w4"}),
    )  # fmt: skip
    taken_on = forms.DateField(
        required=False, label="Measured on", widget=DateInput(attrs={"class": "form-control w9"}),
    )  # fmt: skip

    def __init__(self, *args: Any, facts: list[queries.Fact], asks_pregnancy: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.facts = {fact.key: fact for fact in facts}
        self.groups = [name for name in FACT_GROUPS if asks_pregnancy or FACT_GROUPS[name] is not PREGNANCY]
        for key in self._asked():
            known = self.facts[key].answer
            self.fields[key] = forms.ChoiceField(
                choices=FactAnswer.choices, widget=forms.RadioSelect, required=False, label=capfirst(key.label),
                initial=known.answer if known else None,
            )  # fmt: skip
            self.fields[f"{key}_note"] = forms.CharField(
                max_length=200, required=False, label=f"{capfirst(key.label)}: note",
                initial=known.note if known else "",
            )  # fmt: skip
        for place, name in enumerate(self.groups):
            self.fields[f"none_{place}"] = forms.BooleanField(
                required=False,
                label="Asked: none of those left open" if name != "Pregnancy" else "Asked: none of these",
            )
        for kind in ReadingKind:
            self.fields[kind] = forms.CharField(
                max_length=12, required=False, label=capfirst(kind.label) if kind.label.islower() else kind.label,
                widget=AmountInput({"class": "form-control num w4"}),
            )  # fmt: skip

    def _asked(self) -> Iterator[FactKey]:
        for name in self.groups:
            yield from FACT_GROUPS[name]

    def parts(self) -> list[dict[str, Any]]:
        """The groups: name, rows (question, its two fields, what is known), the box for “none”."""
        return [
            {
                "name": name,
                "none": self[f"none_{place}"],
                "open": sum(self.facts[key].answer is None for key in FACT_GROUPS[name]),
                "rows": [
                    {"fact": self.facts[key], "answer": self[key], "note": self[f"{key}_note"]}
                    for key in FACT_GROUPS[name]
                ],
            }
            for place, name in enumerate(self.groups)
        ]

    def measured(self) -> list[dict[str, Any]]:
        """The readings' fields with their units; the weight's unit is chosen."""
        return [{"field": self[kind], "unit": READING_UNITS[kind][0], "kind": kind.value} for kind in ReadingKind]

    def clean(self) -> dict[str, Any]:
        """Numbers as they are stored: a weight in kg, a blood pressure as two."""
        data: dict[str, Any] = super().clean() or {}
        self.readings: dict[str, tuple[Decimal, Decimal | None]] = {}
        for kind in ReadingKind:
            text = str(data.get(kind) or "").strip()
            if text and (found := self._number(kind, text)):
                self.readings[kind] = found
        return data

    def _number(self, kind: ReadingKind, text: str) -> tuple[Decimal, Decimal | None] | None:
        if kind == ReadingKind.PRESSURE:
            if match := PRESSURE.match(text):
                return Decimal(match[1]), Decimal(match[2])
            self.add_error(kind, "Blood pressure is two numbers, the higher one first, such as 120/80.")
            return None
        try:
            if not re.fullmatch(r"[0-9]{1,4}([.][0-9]{1,2})?", text):
                raise InvalidOperation
            value = Decimal(text)
        except InvalidOperation:
            self.add_error(kind, "Write the number in digits, such as 72.5.")
            return None
        if kind == ReadingKind.WEIGHT and self.cleaned_data.get("weight_unit") == "lb":
            value *= POUND
        return value.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP), None

    def answers(self) -> dict[str, tuple[str, str]]:
        """By question: (answer, note); “none” of a group answers no where nothing was known or chosen."""
        data = self.cleaned_data
        found: dict[str, tuple[str, str]] = {}
        for place, name in enumerate(self.groups):
            none = data[f"none_{place}"]
            for key in FACT_GROUPS[name]:
                answer = data[key] or (FactAnswer.NO if none and self.facts[key].answer is None else "")
                found[str(key)] = (str(answer), data[f"{key}_note"])
        return found

    def taken(self, today: date) -> date:
        """The day of the readings."""
        day: date | None = self.cleaned_data.get("taken_on")
        return day or today
