"""What the page of a dose shows: the form's regimen checked, what stands against signing, the picture."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.safestring import SafeString

from clinic import clock
from clinic.ports import SupplyWay, load
from medications.catalogue.models import Drug, Product
from medications.prescribing import calc, checks, forms, packs, preview, queries, rhythms, rules
from medications.prescribing.checks import Override, Regimen
from medications.prescribing.models import Prescription
from medications.safety import knowledge
from medications.safety.enums import OVERRIDES, Level
from medications.safety.facts import Finding
from patients.measures import queries as measures
from patients.record.models import Patient

if TYPE_CHECKING:
    from clinic.staff.models import User

OF_SUPPLY = ("quantity", "days", "refills")
NONE = "No quantity is written: nothing is dispensed. The refill desk will ask for a supply."
NONE_NOW = (
    "No quantity is written: nothing is dispensed, and what was authorised before is void. The refill desk will ask "
    "for a supply."
)
NOWHERE = SupplyWay("")
SEVERITY = {Level.REFUSE: "refuse", Level.STOP: "stop", Level.ASK: "ask", Level.NOTE: "note"}


@dataclass(frozen=True)
class Shown:
    """A finding with what was typed into it. `mark` is the shape, `missing` says that its reason is still to write."""

    finding: Finding
    answer: Override
    mark: str
    missing: bool
    tried: bool  # somebody pressed the button: what is missing is an error now

    @property
    def asks(self) -> bool:
        """Whether a reason field belongs to it."""
        return self.finding.level in (Level.STOP, Level.ASK)

    @property
    def source(self) -> str:
        """Where it comes from, and how sure that is."""
        first = "; ".join(self.finding.source[:2])
        return f"{first} · confidence {self.finding.confidence}" if self.finding.confidence and first else first


@dataclass(frozen=True)
class Desk:
    """Everything that is drawn anew while the dose is typed."""

    shown: Sequence[Shown] = ()
    never_asked: Sequence[Finding] = ()
    passed: Sequence[str] = ()
    folded: Sequence[Shown] = ()  # what does not interrupt, one line until it is opened
    version: str = ""
    checked_at: datetime | None = None
    daily: Decimal | None = None
    unit: str = ""
    sig: str = ""
    due: tuple[date, date] | None = None  # what is not taken daily: the first day and the next
    ways: Sequence[str] = ()
    label: str = ""
    injected: str = ""  # a long-acting injection in place of the daily dose: “400 mg every 4 weeks”
    picture: SafeString | None = None
    standing: str = ""
    dispensed: bool = True  # whether a quantity is written, or stands there and cannot be read yet
    way: SupplyWay = NOWHERE

    @property
    def unasked(self) -> str:
        """What was never asked, in one line."""
        return unasked(one.title for one in self.never_asked)

    overrides: Mapping[str, str] = field(default_factory=lambda: OVERRIDES)


def look(
    patient: Patient,
    form: forms.DoseForm,
    drug: Drug,
    *,
    prescription: Prescription | None = None,
    answers: Mapping[str, Override],
    tried: bool = False,
    by: "User",
) -> Desk:
    """Check what the form holds now. An unbound form is read from its beginnings. About thirteen queries."""
    regimen, then, supply, from_day, trouble = _read(form, patient, prescription)
    today = clock.today(patient.zone)
    checked = checks.Checked(version=knowledge.current().version)
    if regimen is not None:
        seen = str(form.cleaned_data.get("seen", "")) if form.is_bound else ""
        checked = checks.order(
            patient, regimen, supply, from_day=from_day, prescription=prescription, seen=seen, then=then
        )
    findings = [*_not_changed(prescription, trouble), *trouble, *checked.findings]
    injected = ""
    if regimen is not None and regimen.depot:
        injected = f"{calc.short(regimen.each)}\u00a0{regimen.product.unit}{rhythms.words(regimen.every_days)}"
    asked = [one for one in findings if not one.code.startswith(("fact:", "allergies"))]
    return Desk(
        shown=[shown(one, answers, tried) for one in asked if one.level != Level.NOTE],
        folded=[shown(one, answers, tried) for one in asked if one.level == Level.NOTE],
        never_asked=[one for one in findings if one.code.startswith(("fact:", "allergies"))],
        passed=checked.passed,
        version=checked.version,
        checked_at=clock.now(),
        daily=regimen.daily if regimen else None,
        unit=regimen.product.unit if regimen else "",
        sig=packs.sig([regimen.sig, *(one.regimen.sig for one in then)], [one.after for one in then])
        if regimen
        else "",
        due=_due(regimen, from_day),
        ways=_ways(regimen, form),
        label="" if form.chosen is not None and "long-acting" in form.chosen.form else label_line(drug),
        injected=injected,
        picture=_picture(patient, drug, prescription, regimen, then, from_day, today),
        standing=_standing(findings, answers),
        dispensed=supply is not None or _unread(form),
        way=way(patient, form, supply, drug.schedule, changes=prescription is not None, by=by),
    )


def way(
    patient: Patient, form: forms.DoseForm, supply: checks.Supply | None, schedule: str, *, changes: bool, by: "User"
) -> SupplyWay:
    """Where the supply goes once it is signed, or that there is none (port SUPPLY_WAY). One query."""
    if _unread(form):
        return NOWHERE
    if supply is None:
        return SupplyWay(NONE_NOW if changes else NONE)
    if form.is_bound and form.cleaned_data.get("sample"):
        return SupplyWay("Handed out here: no prescription is written.")
    found: list[SupplyWay] = [room(patient.pk, by=by, schedule=schedule) for room in load("SUPPLY_WAY")]
    return found[0] if found else NOWHERE


def _unread(form: forms.DoseForm) -> bool:
    """Whether something was typed about the supply that cannot be read."""
    return form.is_bound and any(form.errors.get(name) for name in OF_SUPPLY)


def _read(
    form: forms.DoseForm, patient: Patient, prescription: Prescription | None
) -> tuple[Regimen | None, list[checks.Step], checks.Supply | None, date, list[Finding]]:
    today = clock.today(patient.zone)
    if not form.is_bound:
        bound = type(form)({k: v for k, v in form.initial.items() if v not in (None, False)}, **_rest(form))
        bound.is_valid()
        return bound.regimen, bound.then, bound.supply, bound.cleaned_data.get("from_day") or today, []
    form.is_valid()
    day = form.cleaned_data.get("from_day") or today
    # What somebody else did meanwhile stands above the dose; it is no fault of the order.
    elsewhere = ("reason", "target_symptom", *(["__all__", "based_on"] if getattr(form, "conflict", False) else []))
    said = [str(text) for name, errors in form.errors.items() if name not in elsewhere for text in errors]
    regimen, then, supply = form.regimen, form.then, form.supply
    if regimen is not None:
        wrong = [s for s in (rules.pack(regimen, then), *(rules.regimen(one.regimen) for one in then)) if then and s]
        then = [] if wrong else then
        said += [s for s in (rules.product(regimen.product, prescription), rules.regimen(regimen), *wrong) if s]
        # A supply is judged by the steps that it is for: not while one of them cannot be read.
        unread = bool(wrong) or any(name == "steps" or forms.STEP.match(name) for name in form.errors)
        judged = rules.supply(supply, regimen, then) if supply and not unread else None
        said += [s for s in (rules.starts(day, today), judged) if s]
        if rules.regimen(regimen):
            regimen = None
    if regimen is not None and form.cleaned_data.get("sample"):
        said += [s for s in (rules.as_sample(supply, day, today),) if s]
        said += [] if form.cleaned_data.get("lot") else ["Write the lot number of the sample."]
    trouble = [
        Finding(Level.REFUSE, f"form:{place}", "form", "This cannot be signed as it stands", sentence)
        for place, sentence in enumerate(dict.fromkeys(said))
    ]
    return regimen, then, supply, day, trouble


def _not_changed(prescription: Prescription | None, trouble: Sequence[Finding]) -> list[Finding]:
    """Why no dose of it is changed at all, before anybody types one; nothing where its refusal said so already."""
    sentence = rules.change(prescription) if prescription else None
    if sentence is None or any(one.sentence == sentence for one in trouble):
        return []
    return [Finding(Level.REFUSE, "form:change", "form", "This cannot be signed as it stands", sentence)]


def _due(regimen: Regimen | None, from_day: date) -> tuple[date, date] | None:
    if regimen is None or regimen.every_days == 1:
        return None
    return from_day, from_day + timedelta(days=regimen.every_days)


def _rest(form: forms.DoseForm) -> dict[str, Any]:
    rest: dict[str, Any] = {"products": list(form.products.values())}
    if isinstance(form, forms.NewForm):
        rest["problems"] = []
    return rest


def shown(one: Finding, answers: Mapping[str, Override], tried: bool) -> Shown:
    """A finding with its answer and its shape."""
    answer = answers.get(one.code, Override())
    needs = one.level in (Level.STOP, Level.ASK)
    missing = needs and (not answer.words.strip() or (one.level == Level.STOP and answer.code not in OVERRIDES))
    return Shown(one, answer, SEVERITY.get(one.level, "unchecked"), missing, tried and missing)


def _standing(findings: Sequence[Finding], answers: Mapping[str, Override]) -> str:
    refused = sum(one.level == Level.REFUSE for one in findings)
    if refused:
        return "one thing is refused." if refused == 1 else f"{refused} things are refused."
    against = rules.standing(findings, answers)
    return against[0].removeprefix("Cannot sign yet: ").split(" to write.")[0] + " to write." if against else ""


def unasked(titles: Iterable[str]) -> str:
    """“Allergies not checked”, “Kidney disease: not checked” as one line: Allergies, kidney disease."""
    words = [title.removesuffix("not checked").rstrip(": ") for title in titles]
    return ", ".join([*words[:1], *(word[0].lower() + word[1:] for word in words[1:])]) + "." if words else ""


def _ways(regimen: Regimen | None, form: forms.DoseForm) -> list[str]:
    if regimen is None or regimen.as_needed:
        return []
    alike = [one for one in form.products.values() if _alike(one, regimen.product)]
    return forms.ways(regimen.daily * regimen.every_days, alike, list(regimen.lines))


def _alike(one: Product, other: Product) -> bool:
    return (one.form, one.release, one.unit) == (other.form, other.release, other.unit)


def label_line(drug: Drug) -> str:
    """What the label says of the dose, in one line, with its note."""
    known = knowledge.current().drug(drug.generic_name)
    if known is None or known.usual_mg is None:
        return ""
    low, high = known.usual_mg
    most = f", at most {known.max_mg:g}" if known.max_mg is not None and known.max_mg != high else ""
    return f"Label: {low:g}–{high:g}{most}\u00a0mg a day."


def _picture(
    patient: Patient,
    drug: Drug,
    prescription: Prescription | None,
    regimen: Regimen | None,
    then: Sequence[checks.Step],
    from_day: date,
    today: date,
) -> SafeString:
    orders = queries.orders_of(prescription) if prescription else []
    unit = regimen.product.unit if regimen else orders[-1].unit if orders else "mg"
    depot = regimen.depot if regimen else bool(orders) and queries.is_depot(orders[-1])
    scores = [
        (score.answered_at.astimezone(patient.zone).date(), int(score.total))
        for score in measures.series(patient.pk, ["phq9"])
        if score.total is not None
    ]
    steps = [
        preview.Step(o.from_day, o.until_day, o.told[0] if depot else o.daily_amount)
        for o in orders if o.unit == unit and queries.is_depot(o) == depot
    ]  # fmt: skip
    amounts = [regimen.each if depot else regimen.daily, *(one.regimen.daily for one in then)] if regimen else []
    days = packs.days_of(from_day, [one.after for one in then])
    proposed = [preview.Step(*span, amount) for span, amount in zip(days, amounts, strict=False)]
    return preview.draw(
        steps,
        scores,
        today=today,
        proposed=proposed,
        unit=unit,
        name=drug.generic_name,
        per="an injection" if depot else "a day",
    )
