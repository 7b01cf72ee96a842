"""What stands against a plan, and against its next step: the words of the checks, worst first. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from medications.prescribing.calc import short
from medications.safety.engine import ranked
from medications.safety.enums import Level
from medications.safety.facts import Finding
from medications.tapers import calc, templates
from medications.tapers.calc import Made, Stair
from medications.tapers.enums import Kind
from medications.tapers.facts import Around
from medications.tapers.templates import Template

# Codes that tell of an earlier withdrawal with complications, or of a seizure (R-TA-04).
SEIZURE_CODES = ("G40", "R56")
WITHDRAWAL_CODES = ("F10.13", "F10.23", "F10.93", "F13.13", "F13.23", "F13.93")
SEIZURE_FACTS = ("seizure", "withdrawal_seizure")


@dataclass(frozen=True)
class Proposal:
    """A staircase that is proposed: where it starts, its stairs, how each is made, and where zero follows."""

    kind: Kind
    template: Template | None
    start: Decimal
    stairs: Sequence[Stair]
    made: Sequence[Made | None]
    floor: Decimal
    care_level: str = ""


def planning(one: Proposal, known: Around) -> list[Finding]:
    """Everything that stands against starting the plan."""
    return ranked(
        [
            *_alternate(one, known), *falls(one.stairs, one, known), *_guideline(one, known), *_therapy(one, known),
            *_care(one, known), *_faster(one, known), *_liquid(one), *changes_around(one.kind, known),
            *_blood(one, known),
        ]
    )  # fmt: skip


def _benzodiazepine(known: Around) -> bool:
    return known.drug is not None and "benzodiazepine" in known.drug.classes


def _source(one: Proposal) -> tuple[str, ...]:
    return one.template.source if one.template else ()


def _confidence(one: Proposal) -> str:
    return str(one.template.data["confidence"]) if one.template else ""


def _alternate(one: Proposal, known: Around) -> Iterator[Finding]:
    """R-TA-08."""
    down = one.kind == Kind.TAPER and any(stair.every > 1 for stair in one.stairs)
    if down and known.drug is not None and templates.no_alternate_days(known.drug):
        yield Finding(
            Level.REFUSE, "taper.alternate", "R-TA-08", "Every other day is no taper here",
            "It leaves the body within a day or two: taking it every other day brings withdrawal every other day. "
            "Lower the daily dose instead.",
        )  # fmt: skip


def falls(stairs: Sequence[Stair], one: Proposal, known: Around, *, only: int | None = None) -> Iterator[Finding]:
    """R-TA-01: more than 25 % in any 14 days; `only`: of that step alone."""
    limit = templates.fall_limit(known.drug)
    if limit is None or one.kind != Kind.TAPER:
        return
    found = calc.falls_over(stairs, one.start, percent=limit, floor=one.floor)
    found = [fall for fall in found if only is None or fall.place == only]
    if found:
        worst = max(found, key=lambda fall: fall.percent)
        stair = stairs[worst.place]
        more = f" {len(found)} steps do." if len(found) > 1 else ""
        yield Finding(
            Level.STOP, "taper.fall", "R-TA-01", f"More than {limit:g} % within 14 days",
            f"{short(worst.before)} → {short(stair.average)}\u00a0mg on {day_words(stair.day)} takes "
            f"{_percent(worst.percent)} of the dose within 14 days.{more} Put a step between, wait longer, or say why.",
            templates.get(templates.BENZODIAZEPINE).source, "high",  # type: ignore[union-attr]
            "Shaking, sweating, confusion or a seizure: emergency care.",
        )  # fmt: skip


def _guideline(one: Proposal, known: Around) -> Iterator[Finding]:
    """Steps outside what the named guideline says."""
    if one.template is None or one.kind != Kind.TAPER or known.drug is None:
        return
    said = []
    if one.template.percents:
        least, most = one.template.percents
        big = [
            fall for stair, was in zip(one.stairs, [one.start, *(s.average for s in one.stairs)], strict=False)
            if was > one.floor and (fall := calc.fall_percent(was, stair.average)) is not None and fall > most
        ]  # fmt: skip
        if big:
            said.append(f"Down {_percent(max(big))} in one step; the guideline says {least:g}–{most:g} %.")
    interval = one.template.interval(known.drug.name)
    gaps = [(two.day - first.day).days for first, two in zip(one.stairs, one.stairs[1:], strict=False)]
    if interval and gaps and min(gaps) < interval[0]:
        said.append(f"Steps {min(gaps)} days apart; the guideline says {interval[0]} to {interval[1]}.")
    if said:
        yield Finding(
            Level.ASK, "taper.guideline", "R-TA-06" if not _benzodiazepine(known) else "R-TA-01",
            "Faster than the guideline", " ".join(said) + " Say why.", _source(one), _confidence(one),
        )  # fmt: skip


def _therapy(one: Proposal, known: Around) -> Iterator[Finding]:
    """R-TA-03."""
    if one.kind == Kind.TAPER and _benzodiazepine(known) and not known.therapies:
        yield Finding(
            Level.ASK, "taper.therapy", "R-TA-03", "No therapy is linked",
            "The plan in force names no psychosocial intervention, such as CBT or CBT-I, beside this taper. Link "
            "one in the plan, or say why it goes on without.", _source(one), "high",
        )  # fmt: skip


def _care(one: Proposal, known: Around) -> Iterator[Finding]:
    """R-TA-04: severe withdrawal expected needs a decision about the level of care; never asked is asked."""
    if one.kind != Kind.TAPER or not _benzodiazepine(known):
        return
    why = []
    if any(known.answers.get(key) == "yes" for key in SEIZURE_FACTS) or _coded(known, SEIZURE_CODES):
        why.append("a seizure is on record")
    if _coded(known, WITHDRAWAL_CODES):
        why.append("a withdrawal with complications is on record")
    if known.answers.get("pregnant") == "yes":
        why.append("pregnancy is on record")
    if known.risk_open:
        why.append("a risk flag is open")
    if why and one.care_level:
        yield Finding(
            Level.NOTE, "taper.care", "R-TA-04", "Level of care was decided",
            f"{_listed(why)}. The decision stands beside the plan.",
        )  # fmt: skip
    elif why:
        yield Finding(
            Level.REFUSE, "taper.care", "R-TA-04", "A severe withdrawal is to be expected",
            f"{_listed(why)}. Decide at which level of care this taper is safe, and record it with the plan.",
            _source(one), "high", "Shaking, confusion or a seizure: emergency care.",
        )  # fmt: skip
    elif not any(known.answers.get(key) in ("yes", "no") for key in SEIZURE_FACTS):
        yield Finding(
            Level.ASK, "taper.seizure", "R-TA-04", "Seizures: never asked",
            "Nobody has asked about seizures, also in an earlier withdrawal. Ask and record the answer, or say why "
            "not.", _source(one), "high",
        )  # fmt: skip


def _coded(known: Around, prefixes: tuple[str, ...]) -> bool:
    return any(code.startswith(prefixes) for code in known.conditions)


def _faster(one: Proposal, known: Around) -> Iterator[Finding]:
    """R-MO-LTG, R-MO-CLZ: a titration never outruns its schedule without a reason."""
    if one.kind != Kind.TITRATION or known.drug is None or not one.stairs:
        return
    table = templates.never_faster(known.drug, known.taking) or (
        one.template if one.template is not None and one.template.mode == "steps" else None
    )
    if table is None:
        return
    if (found := faster(one, known, table)) is not None:
        stair, most = found
        yield Finding(
            Level.ASK, "taper.faster", "R-MO-LTG" if "lamotrigine" in known.drug.tags else
            "R-MO-CLZ" if "clozapine" in known.drug.tags else "label", "Faster than the schedule",
            f"{short(stair.average)}\u00a0mg a day on {day_words(stair.day)}; “{table.title}” has "
            f"{short(most)}\u00a0mg by then at most. Go slower, or say why.", table.source,
            str(table.data["confidence"]),
            "Rash, fever, mouth sores or swollen glands: call at once." if "lamotrigine" in known.drug.tags else "",
        )  # fmt: skip


def faster(one: Proposal, known: Around, table: Template) -> tuple[Stair, Decimal] | None:
    """The first stair above what the table allows on its day, and what it allows; None: none is."""
    given = table.data["steps"]
    rows = [(row["day_from"], Decimal(str(row["dose_mg_per_day"])) / row["every_n_days"]) for row in given]
    for stair in one.stairs:
        most = min(_allowed(rows, days) for days in _days_on_table(one, known, rows, stair.day))
        if stair.average > most:
            return stair, most
    return None


def _allowed(rows: Sequence[tuple[int, Decimal]], day: int) -> Decimal:
    return max([dose for first, dose in rows if first <= day], default=Decimal(0))


def _days_on_table(one: Proposal, known: Around, rows: Sequence[tuple[int, Decimal]], day: date) -> Iterator[int]:
    """Which day of the table a day is: since the course began, and since the dose as it is was reached."""
    again = one.stairs[0].average < one.start  # starts again from below
    if not known.past or one.start <= 0 or again:
        yield (day - one.stairs[0].day).days + 1
        return
    yield (day - known.past[0].day).days + 1
    now = [stair for stair in known.past if stair.average == one.start]
    reached = next((first for first, dose in rows if dose >= one.start), rows[-1][0])
    if now:
        yield (day - now[-1].day).days + reached


def _liquid(one: Proposal) -> Iterator[Finding]:
    """R-TA-08: what the catalogue cannot make."""
    missing = [
        number for number, (stair, made) in enumerate(zip(one.stairs, one.made, strict=True), 1)
        if stair.dose > 0 and made is None
    ]  # fmt: skip
    if missing:
        which = f"Step {missing[0]} needs" if len(missing) == 1 else f"{len(missing)} steps need"
        yield Finding(
            Level.ASK, "taper.liquid", "R-TA-08", "Needs a liquid or a compounded preparation",
            f"{which} a dose that no tablet, half or liquid of the catalogue makes. Change the dose, or say who "
            "makes it.",
        )  # fmt: skip


def changes_around(kind: Kind, known: Around) -> Iterator[Finding]:
    """R-TA-09: two things at once, an open risk."""
    if known.changing:
        yield Finding(
            Level.ASK, "taper.two", "R-TA-09", "Two things change at once",
            f"{_listed(known.changing)} changes within two weeks too: nobody will know which of them did what. Change "
            "one after the other, or say why.",
        )  # fmt: skip
    if known.risk_open and kind == Kind.TAPER:
        yield Finding(
            Level.ASK, "taper.risk", "R-TA-09", "A risk flag is open",
            "Lowering a dose while a risk is open needs its reason.",
        )  # fmt: skip


def _blood(one: Proposal, known: Around) -> Iterator[Finding]:
    """R-MO-CLZ: the start needs a neutrophil count in range."""
    if one.kind == Kind.TITRATION and known.drug is not None and "clozapine" in known.drug.tags:
        yield Finding(
            Level.NOT_CHECKED, "taper.anc", "R-MO-CLZ", "Neutrophils: look before each week",
            "The count (ANC) has to be in range before the start and every week: look at the last result.",
            _source(one), _confidence(one),
        )  # fmt: skip


def day_words(day: date) -> str:
    """Nov 23."""
    return f"{day:%b} {day.day}"


def _percent(value: Decimal) -> str:
    return f"{value.quantize(Decimal(1))} %"


def _listed(words: Sequence[str]) -> str:
    text = " and ".join(words) if len(words) < 3 else f"{', '.join(words[:-1])} and {words[-1]}"
    return text[:1].upper() + text[1:]
