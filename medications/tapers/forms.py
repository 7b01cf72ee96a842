"""Forms of tapers: the numbers of a plan and its steps, checks, pauses, confirmations, ends, reviews."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from clinic.web.forms import AmountInput, DateInput, TandemForm
from medications.prescribing.calc import Unclear, decimal, short
from medications.prescribing.checks import Supply
from medications.tapers.calc import MOST_STEPS, Stair
from medications.tapers.enums import CareLevel, Kind, Outcome, Severity, Verdict

SPARE = 2  # empty rows below the steps
ROW = re.compile(r"^dose_[0-9]{1,2}$")
RHYTHMS = [("1", "every day"), ("2", "every other day")]


def amount(label: str, *, required: bool = False, css: str = "w4") -> forms.CharField:
    """A number typed as text, so that hostile numbers meet our own sentence."""
    return forms.CharField(
        label=label, required=required, max_length=12, widget=AmountInput({"class": f"form-control num {css}"})
    )


def whole(label: str) -> forms.IntegerField:
    """A whole number."""
    return forms.IntegerField(
        label=label, required=False, min_value=0, max_value=10_000,
        widget=AmountInput({"class": "form-control num w4"}),
        error_messages={"invalid": "Write a whole number.", "max_value": "Write a number up to 10,000.",
                        "min_value": "Write a number from 0 on."},
    )  # fmt: skip


def day(label: str, *, required: bool = True) -> forms.DateField:
    """A day with the browser's picker."""
    return forms.DateField(
        label=label, required=required, widget=DateInput(attrs={"class": "form-control w9"}),
        error_messages={"required": "Say on which day.", "invalid": "Write the day as a date."},
    )  # fmt: skip


def words(label: str, *, required: bool = True, most: int = 300, missing: str = "Write why, in a line.") -> Any:
    """One line of words."""
    return forms.CharField(
        label=label, required=required, max_length=most, widget=forms.TextInput({"class": "form-control"}),
        error_messages={"required": missing},
    )  # fmt: skip


class PlanForm(TandemForm):
    """The template with its numbers, then the steps: a day, a dose, how often. `stairs` holds what was read."""

    template = forms.ChoiceField(label="Start from", widget=forms.Select({"class": "form-select"}))
    template_was = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    starts_on = day("First step", required=False)
    percent = amount("Percent of the dose at each step")
    step_mg = amount("mg less at each step")
    interval = whole("Days between steps")
    total_days = whole("Over how many days")
    count = whole("In how many steps")
    emax = amount("Emax, percent")
    k = amount("K, mg")
    source = words("The paper that they come from", required=False, most=200)
    floor = amount("Stop from, mg")
    reason = words("Why the steps change", required=False)
    based_on = forms.IntegerField(required=False, widget=forms.HiddenInput)
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], count: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["template"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(choices)
        given = [int(name[5:]) for name in self.data if ROW.match(name)]
        rows = min(max([count, *(one + 1 for one in given)]), MOST_STEPS + SPARE)
        self.numbers = range(rows)
        for number in self.numbers:
            self.fields[f"day_{number}"] = day(f"Day of step {number + 1}", required=False)
            self.fields[f"dose_{number}"] = amount(f"Dose of step {number + 1}, mg a day")
            self.fields[f"every_{number}"] = forms.ChoiceField(
                label=f"How often, step {number + 1}", choices=RHYTHMS, required=False, initial="1",
                widget=forms.Select({"class": "form-select"}),
            )  # fmt: skip
            self.fields[f"parts_{number}"] = forms.IntegerField(
                required=False, min_value=0, max_value=6, widget=forms.HiddenInput
            )

    @property
    def rows(self) -> list[dict[str, forms.BoundField]]:
        """The fields of each step."""
        return [
            {name: self[f"{name}_{number}"] for name in ("day", "dose", "every", "parts")} for number in self.numbers
        ]

    def clean(self) -> dict[str, Any]:
        """Read the steps; what cannot be read is said beside its field."""
        data: dict[str, Any] = super().clean() or {}
        self.stairs: list[Stair] = []
        for number in self.numbers:
            on, dose = data.get(f"day_{number}"), str(data.get(f"dose_{number}") or "").strip()
            if not dose:
                if on is not None and f"dose_{number}" not in self.errors and self._later(data, number):
                    self.add_error(f"dose_{number}", "Write the dose of this step, or clear its day.")
                continue
            try:
                mg = Decimal(0) if dose.strip("0.") == "" and "0" in dose else decimal(dose, "The dose", most=_MOST_MG)
            except Unclear as unclear:
                self.add_error(f"dose_{number}", str(unclear))
                continue
            if on is None:
                if f"day_{number}" not in self.errors:
                    self.add_error(f"day_{number}", "Say on which day this step begins.")
                continue
            every = int(data.get(f"every_{number}") or 1)
            self.stairs.append(Stair(on, mg, every if mg else 1, data.get(f"parts_{number}") or 0))
        self.floor_mg = self._floor(data)
        return data

    def _later(self, data: dict[str, Any], number: int) -> bool:
        """Whether a step with a dose comes after this row: then the empty one is a slip."""
        return any(str(data.get(f"dose_{later}") or "").strip() for later in self.numbers if later > number)

    def _floor(self, data: dict[str, Any]) -> Decimal | None:
        try:
            return decimal(data.get("floor") or "", "The dose to stop from", most=_MOST_MG)
        except Unclear as unclear:
            if str(data.get("floor") or "").strip():
                self.add_error("floor", str(unclear))
            return None


_MOST_MG = Decimal(100_000)


def of_stairs(stairs: Sequence[Stair]) -> dict[str, Any]:
    """Steps as the form's beginnings."""
    found: dict[str, Any] = {}
    for number, one in enumerate(stairs):
        found |= {
            f"day_{number}": one.day, f"dose_{number}": short(one.dose), f"every_{number}": str(one.every),
            f"parts_{number}": one.parts,
        }  # fmt: skip
    return found


class CheckForm(TandemForm):
    """What was found before the next step."""

    severity = forms.ChoiceField(
        label="What was found", choices=Severity.choices, widget=forms.RadioSelect,
        error_messages={"required": "Choose what you found: none, mild or significant.",
                        "invalid_choice": "Choose what you found: none, mild or significant."},
    )  # fmt: skip
    words = words("What, since when, how bad", required=False, most=500)
    missed_days = whole("Longest time without a dose, days")

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kind != Kind.TITRATION:
            del self.fields["missed_days"]


class PauseForm(TandemForm):
    """Why the dose stays."""

    reason = words("Why the dose stays for now")
    based_on = forms.IntegerField(required=False, widget=forms.HiddenInput)


class ResumeForm(TandemForm):
    """From when it goes on, and why."""

    next_on = day("Next step on")
    reason = words("Why it goes on now")
    based_on = forms.IntegerField(required=False, widget=forms.HiddenInput)


class StartForm(TandemForm):
    """A draft is put under way; the level of care where it has to be decided (R-TA-04)."""

    care_level = forms.ChoiceField(
        label="Level of care", required=False, choices=[("", "not decided, not needed"), *CareLevel.choices],
        widget=forms.Select({"class": "form-select"}),
    )  # fmt: skip
    care_words = words("Why it is safe there", required=False)
    based_on = forms.IntegerField(required=False, widget=forms.HiddenInput)


class ConfirmForm(TandemForm):
    """A step becomes an order: from when, how much is dispensed."""

    on = day("From")
    quantity = amount("Dispense")
    days = whole("For how many days")
    reason = words("Why now, if there is more to say", required=False)
    based_on = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Read the supply."""
        data: dict[str, Any] = super().clean() or {}
        self.supply: Supply | None = None
        if not str(data.get("quantity") or "").strip() and not data.get("days"):
            return data
        try:
            quantity = decimal(data.get("quantity") or "", "The quantity", most=Decimal(10_000))
        except Unclear as unclear:
            self.add_error("quantity", str(unclear))
            return data
        if not data.get("days"):
            self.add_error("days", "Write for how many days this lasts.")
        else:
            self.supply = Supply(quantity, data["days"])
        return data


class EndForm(TandemForm):
    """How a plan ends where it is."""

    outcome = forms.ChoiceField(
        label="How it ends", widget=forms.RadioSelect, error_messages={"required": "Choose how it ends.",
                                                                       "invalid_choice": "Choose how it ends."},
    )  # fmt: skip
    reason = words("In a line", required=False)
    based_on = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, kind: str, drafted: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        proper = Outcome.LOWER_DOSE if kind == Kind.TAPER else Outcome.TARGET
        allowed = [Outcome.ABANDONED] if drafted else [proper, Outcome.ABANDONED]
        field = self.fields["outcome"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(one.value, one.label) for one in allowed]


class ReviewForm(TandemForm):
    """Withdrawal or relapse? (R-TA-10)"""

    verdict = forms.ChoiceField(
        label="What it was", choices=Verdict.choices, widget=forms.RadioSelect,
        error_messages={"required": "Choose what it was.", "invalid_choice": "Choose what it was."},
    )  # fmt: skip
    onset_days = whole("Began so many days after the last change")
    bodily = forms.ChoiceField(
        label="Bodily symptoms (dizziness, electric shocks, sweating)", required=False,
        choices=[("yes", "yes"), ("no", "no")], widget=forms.RadioSelect,
    )  # fmt: skip
    words = words("What speaks for it", required=False, most=500)

    @property
    def answers(self) -> dict[str, Any]:
        """As the action takes them."""
        data = dict(self.cleaned_data)
        data["bodily"] = {"yes": True, "no": False}.get(data["bodily"])
        return data


class ErrorForm(TandemForm):
    """Why something was an error."""

    reason = words("Why this was an error")


def later(planned: date, paused_on: date, today: date) -> date:
    """Where the next step goes after a pause: as much later as the pause was long."""
    return max(today, planned + (today - paused_on))
