"""The dose: one form for a new drug and for a change; the checks read it while it is typed."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import forms
from django.http import QueryDict

from clinic.web.forms import AmountInput, DateInput, TandemForm
from medications.catalogue.calc import unit_name
from medications.catalogue.models import Product
from medications.prescribing import calc, packs, rhythms
from medications.prescribing.checks import Override, Regimen, Step, Supply, is_depot, strong
from medications.prescribing.models import DoseOrder
from medications.safety.enums import OVERRIDES

WHEN_LABELS = {
    "morning": "Morning", "noon": "Noon", "afternoon": "Afternoon", "evening": "Evening", "bedtime": "Bedtime",
    "once": "Once, no set time",
}  # fmt: skip
MOST_PIECES = 4  # nobody is told to take six tablets where two would do
SHOWN = ("morning", "noon", "evening", "bedtime")  # the others stand behind “more times”
STEPS = range(1, packs.MOST_STEPS + 1)
STEP = re.compile(r"^s\d_")
ANSWER = re.compile(r"^(why|override):(.{1,60})$")


def amount(label: str, *, css: str = "w4", **more: Any) -> forms.CharField:
    """A number typed as text, so that ½ and hostile numbers meet our own sentence."""
    return forms.CharField(
        label=label, required=False, max_length=12, widget=AmountInput({"class": f"form-control num {css}", **more})
    )


class DoseForm(TandemForm):
    """What to take, from when, how much is dispensed, and why."""

    product = forms.ChoiceField(label="Product", widget=forms.Select({"class": "form-select", "data-dose": "product"}))
    daily = amount("New daily dose", css="fig", **{"data-dose": "daily"})
    daily_shown = forms.CharField(required=False, max_length=24, widget=forms.HiddenInput)
    every_days = forms.ChoiceField(
        label="How often", choices=rhythms.RHYTHMS, initial="1", required=False,
        widget=forms.Select({"class": "form-select w9", "data-dose": "every"}),
    )  # fmt: skip
    as_needed = forms.BooleanField(
        label="As needed",
        required=False,
        widget=forms.CheckboxInput({"class": "form-check-input", "data-dose": "needed"}),
    )
    max_per_day = amount("At most a day", **{"data-dose": "most"})
    from_day = forms.DateField(
        label="From", widget=DateInput(attrs={"class": "form-control w9"}),
        error_messages={"required": "Say from which day.", "invalid": "Write the day as a date."},
    )  # fmt: skip
    quantity = amount("Dispense", **{"data-dose": "quantity"})
    days = forms.IntegerField(
        label="days", required=False, widget=AmountInput({"class": "form-control num w4", "data-dose": "days"}),
        error_messages={"invalid": "Write the days as a whole number."},
    )  # fmt: skip
    refills = forms.IntegerField(
        label="refills", required=False, widget=AmountInput({"class": "form-control num w4"}),
        error_messages={"invalid": "Write the refills as a whole number."},
    )  # fmt: skip
    sample = forms.BooleanField(
        label="handed out here as a sample", required=False, widget=forms.CheckboxInput({"class": "form-check-input"})
    )
    lot = forms.CharField(
        label="Lot", required=False, max_length=40, widget=forms.TextInput({"class": "form-control w9"})
    )
    reason = forms.CharField(
        label="Why now", max_length=500, widget=forms.Textarea({"class": "form-control", "rows": 2}),
        error_messages={"required": "Write why, in a line: the care team reads it."},
    )  # fmt: skip
    based_on = forms.IntegerField(required=False, widget=forms.HiddenInput)
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    steps = forms.CharField(required=False)  # shows nothing: what is wrong with the steps stands here

    def __init__(self, *args: Any, products: list[Product], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.products = {str(one.pk): one for one in products}
        field = self.fields["product"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(key, product_label(one)) for key, one in self.products.items()]
        every = self.fields["every_days"]
        assert isinstance(every, forms.ChoiceField)
        every.choices = rhythms.choices(int(self.initial.get("every_days") or 1))
        for when, label in WHEN_LABELS.items():
            marks = {"data-when": when, "placeholder": " "}  # by the placeholder the style knows an empty time
            self.fields[f"q_{when}"] = amount(label, **{"data-dose": "line", **marks})
        for row in map(str, STEPS):
            marks = {"data-row": row, "placeholder": " "}
            self.fields[f"s{row}_after"] = forms.IntegerField(
                label="After days", required=False,
                widget=AmountInput({"class": "form-control num w4", "data-pack": "after", **marks}),
                error_messages={"invalid": "Write after how many days as a whole number."},
            )  # fmt: skip
            for when in SHOWN:
                self.fields[f"s{row}_{when}"] = amount(WHEN_LABELS[when], **{"data-pack": "line", **marks})
        shown = dict(self.data.items()) if self.is_bound else self.initial
        self.stepped = any(str(shown.get(name) or "").strip() for name in self.fields if STEP.match(name))
        self.rare_times = any(str(shown.get(f"q_{when}") or "").strip() for when in WHEN_LABELS if when not in SHOWN)

    @property
    def times(self) -> list[forms.BoundField]:
        """The quantities at the usual times of the day."""
        return [self[f"q_{when}"] for when in SHOWN]

    @property
    def other_times(self) -> list[forms.BoundField]:
        """The quantities at rarer times."""
        return [self[f"q_{when}"] for when in WHEN_LABELS if when not in SHOWN]

    @property
    def sampled(self) -> str | None:
        """The lot of the sample that is handed out in place of a prescription; None: none is."""
        return self.cleaned_data["lot"] if self.cleaned_data.get("sample") else None

    @property
    def step_rows(self) -> list[tuple[forms.BoundField, list[forms.BoundField]]]:
        """The further steps of a titration pack: after how many days, the quantities."""
        return [(self[f"s{row}_after"], [self[f"s{row}_{when}"] for when in SHOWN]) for row in STEPS]

    @property
    def chosen(self) -> Product | None:
        """The product that is chosen now."""
        return self.products.get(str(self["product"].value() or ""))

    def clean(self) -> dict[str, Any]:
        """Read regimen and supply; what cannot be read is said beside its field."""
        data: dict[str, Any] = super().clean() or {}
        self.regimen: Regimen | None = None
        self.then: list[Step] = []
        self.supply: Supply | None = None
        if product := self.products.get(str(data.get("product", ""))):
            if data.get("daily_shown") and not data.get("daily") and not data.get("as_needed"):
                self.add_error("daily", "Write the daily dose.")  # the quantities alone would be signed unseen
            try:
                self.regimen = self._regimen(product, data)
            except calc.Unclear as unclear:
                self.add_error(None if self._typed_daily(data) is None else "daily", str(unclear))
        if self.regimen is not None:
            try:
                self.then = list(self._steps(self.regimen, data))
            except calc.Unclear as unclear:
                self.add_error("steps", str(unclear))
        try:
            self.supply = None if {"days", "refills"} & set(self.errors) else self._supply(data)
        except calc.Unclear as unclear:
            self.add_error("quantity", str(unclear))
        return data

    def _typed_daily(self, data: Mapping[str, Any]) -> str | None:
        """The daily dose, if a person changed it rather than the quantities (a browser without our script)."""
        daily = str(data.get("daily") or "").strip()
        return daily if daily and daily != str(data.get("daily_shown") or "").strip() else None

    def _regimen(self, product: Product, data: Mapping[str, Any]) -> Regimen:
        rows = [{"when": w, "quantity": data[f"q_{w}"]} for w in WHEN_LABELS if str(data.get(f"q_{w}") or "").strip()]
        needed, every = bool(data.get("as_needed")), int(data.get("every_days") or 1)
        lines = calc.lines(rows, as_needed=needed)
        asked = str(data.get("max_per_day") or "").strip() if needed else ""
        most = calc.decimal(asked, "The most per day") if asked else None
        if len(lines) == 1 and (is_depot(product) or (most and most > Decimal(lines[0]["quantity"]))):
            # No hour belongs to a depot, nor to what may be needed several times a day: its field is where it is typed.
            lines[0]["when"] = "once"
        typed = self._typed_daily(data)
        found = Regimen(product, lines, every, needed, most)
        if typed is None or needed:
            return found
        wanted = calc.decimal(typed, "The daily dose", most=Decimal(10) ** 7)
        if wanted == found.daily:
            return found
        scaled = calc.lines_for(wanted * every, strong(product), lines)
        if scaled is None:
            raise calc.Unclear(
                f"{calc.short(wanted)} {product.unit} a day cannot be made of this product at these times. "
                "Choose another product, or write how many at each time."
            )
        return Regimen(product, scaled, every)

    def _steps(self, first: Regimen, data: Mapping[str, Any]) -> Iterator[Step]:
        """The further steps that something was typed into."""
        for row in STEPS:
            if f"s{row}_after" in self.errors:
                continue
            after = data.get(f"s{row}_after")
            rows = [
                {"when": when, "quantity": data[f"s{row}_{when}"]} for when in SHOWN
                if str(data.get(f"s{row}_{when}") or "").strip()
            ]  # fmt: skip
            if after is None and not rows:
                continue
            if after is None:
                raise calc.Unclear(f"Step {row + 1}: write after how many days it begins.")
            if not rows:
                raise calc.Unclear(f"Step {row + 1}: write how many are taken.")
            try:
                yield Step(after, Regimen(first.product, calc.lines(rows)))
            except calc.Unclear as unclear:
                raise calc.Unclear(f"Step {row + 1}: {str(unclear)[:1].lower()}{str(unclear)[1:]}") from None

    def _supply(self, data: Mapping[str, Any]) -> Supply | None:
        if not str(data.get("quantity") or "").strip() and not data.get("days"):
            return None
        quantity = calc.decimal(data.get("quantity") or "", "The quantity", most=Decimal(10_000))
        if data.get("days") is None:
            raise calc.Unclear("Write for how many days this lasts.")
        return Supply(quantity, data["days"], data.get("refills") or 0)


SEEN = [("in_person", "in person"), ("video", "by video"), ("audio", "by telephone")]


class NewForm(DoseForm):
    """A dose form for a drug that starts: what it is for stands on it, and how the patient is seen (R-RX-09)."""

    seen = forms.ChoiceField(label="The patient is seen today", choices=SEEN, required=False, widget=forms.RadioSelect)

    problem = forms.ChoiceField(
        label="For", required=False, widget=forms.Select({"class": "form-select"}),
        help_text="A problem of the plan, or the symptom in a few words.",
    )  # fmt: skip
    target_symptom = forms.CharField(
        label="Symptom", required=False, max_length=200, widget=forms.TextInput({"class": "form-control"})
    )

    def __init__(self, *args: Any, problems: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["problem"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "no problem of the plan"), *problems]
        self.fields["reason"].label = "Why this medicine"
        self.fields["daily"].label = "Daily dose"


def product_label(product: Product) -> str:
    """A product as people choose it: tablet, extended release, 50 mg."""
    per = f"/{product.per.removeprefix('1 ')}" if product.per else ""
    release = "" if product.release in ("", "immediate") else f", {product.release} release"
    return f"{product.form}{release}, {calc.short(product.strength)}\u00a0{product.unit}{per}"


def answers(data: QueryDict | Mapping[str, Any]) -> dict[str, Override]:
    """The reasons typed into findings, by finding code: fields `why:<code>` and `override:<code>`."""
    found: dict[str, dict[str, str]] = {}
    for name, value in data.items():
        if (match := ANSWER.match(name)) and isinstance(value, str):
            found.setdefault(match[2], {})[match[1]] = value[:500]
    return {
        code: Override(given.get("override", "") if given.get("override") in OVERRIDES else "", given.get("why", ""))
        for code, given in found.items()
    }


def of_order(order: DoseOrder, today: date) -> dict[str, Any]:
    """The form's beginning: the dose as it is, from today."""
    shown = calc.short(order.daily_amount)
    live = order.authorisations.filter(directions="").order_by("-issued_at").first()
    found: dict[str, Any] = {
        "product": str(order.product_id), "daily": shown, "daily_shown": shown, "every_days": str(order.every_days),
        "as_needed": order.as_needed, "max_per_day": calc.short(order.max_per_day) if order.max_per_day else "",
        "from_day": today, **{f"q_{line['when']}": line["quantity"] for line in order.lines},
    }  # fmt: skip
    if is_depot(order.product) and len(order.lines) == 1:
        found[f"q_{SHOWN[0]}"] = found.pop(f"q_{order.lines[0]['when']}")  # where the form asks for it
    if live is not None:
        found |= {"quantity": calc.short(live.quantity), "days": live.days_supply, "refills": live.refills}
    return found


def ways(target: Decimal, products: list[Product], lines: list[dict[str, Any]]) -> list[str]:
    """How a daily dose can be dispensed: “1½ tablets of 100 mg”, “3 of 50 mg”; the fewest units first."""
    found: list[tuple[bool, Fraction, str]] = []
    for one in products:
        scaled = calc.lines_for(target, strong(one), lines)
        if scaled is None:
            continue
        count = sum((Fraction(line["quantity"]) for line in scaled), Fraction(0))
        units = Decimal(count.numerator) / Decimal(count.denominator)
        unit = unit_name(one.form, units, one.per)
        name = f"{calc.pretty(units)} {unit} of {calc.short(one.strength)}\u00a0{one.unit}"
        if count <= MOST_PIECES or one.per:
            found.append((count.denominator != 1, count, name))
    return [name for _, _, name in sorted(found)[:3]]
