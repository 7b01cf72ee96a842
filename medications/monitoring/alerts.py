"""What a result says: for the prescriber by the data's numbers, for the therapist in plain words. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from medications.monitoring import calc
from medications.monitoring.calc import Reading
from medications.monitoring.enums import Level
from medications.monitoring.knowledge import ANC, WEIGHT, Item, Limits, Protocol

RANK = {Level.CRITICAL: 0, Level.WATCH: 1}
GAIN_PERCENT = 5
NOT_POSITIVE = ("not positive", "no positive", "negative", "non-reactive")
RULES = {
    "lithium": "R-MO-LI", "valproate": "R-MO-VPA", "carbamazepine": "R-MO-CBZ", "clozapine": "R-MO-CLZ",
    "metabolic": "R-MO-SGA", "aims": "R-MO-AIMS", "citalopram_qt": "R-MO-CIT", "stimulant_vitals": "R-MO-STIM",
    "lamotrigine_rash": "R-MO-LTG",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing that a result says. `plain` is what the therapist reads; `source` and `confidence` stand beside it."""

    level: str
    sentence: str
    plain: str
    rule: str
    source: str
    confidence: str

    def stored(self) -> dict[str, str]:
        """As the result keeps it."""
        return {key: str(value) for key, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Asked:
    """A result as it is judged: its number or words, the laboratory's range, and what is known of the person."""

    item: Item
    value: Decimal | None
    words: str = ""
    low: Decimal | None = None
    high: Decimal | None = None
    sex: str = ""
    ben: bool = False
    weights: Sequence[Reading] = ()  # of this course, this one included, by day
    start: Any = None


def alerts(asked: Asked, protocols: Iterable[tuple[Protocol, Item]]) -> list[Alert]:
    """Everything that the protocols of the person's medicines say of the result, the worst first, each once."""
    found: list[Alert] = []
    for protocol, item in protocols:
        found += _by(asked, protocol, item)
    kept: dict[str, Alert] = {}
    for one in sorted(found, key=lambda one: RANK[Level(one.level)]):
        kept.setdefault(_about(one), one)
    return list(kept.values())


def worst(found: Sequence[Alert]) -> Level:
    """The level of the result as a whole."""
    return min((Level(one.level) for one in found), key=lambda level: RANK[level], default=Level.NONE)


def _about(one: Alert) -> str:
    """Two protocols that say the same of a number say it once; the worse stays."""
    return one.sentence.split(": ")[0] if ": " in one.sentence else one.sentence


def _by(asked: Asked, protocol: Protocol, item: Item) -> list[Alert]:
    if asked.value is None:
        return [_positive(protocol, item)] if item.positive and _said_yes(asked.words) else []
    if item.code == ANC and protocol.anc:
        return _count(asked, protocol, item)
    found = _numbers(asked, protocol, item)
    gains = item.gain and item.code == WEIGHT and asked.start is not None
    if gains and calc.gained(asked.weights, asked.start, protocol.window(WEIGHT), GAIN_PERCENT):
        found.append(_alert(protocol, Level.WATCH, f"Weight gain: {item.gain}", protocol.watch[:1]))
    return found


def _numbers(asked: Asked, protocol: Protocol, item: Item) -> list[Alert]:
    value, limits = asked.value, item.by_sex.get({"female": "F", "male": "M"}.get(asked.sex, ""), item.limits)
    assert value is not None
    if item.x_uln.high is not None and asked.high:
        times = Limits(
            high=item.x_uln.high * asked.high,
            critical_high=None if item.x_uln.critical_high is None else item.x_uln.critical_high * asked.high,
        )
        limits = times
    name = item.title
    shown = f"{number(value)} {calc.shown_unit(item.unit)}".strip()
    level, how = _judged(value, limits)
    if level is not None:
        words = "far too" if level is Level.CRITICAL else "too"
        said = "high" if how.endswith("or more") else "low"
        text = f"{name} {shown}: {'critically ' if level is Level.CRITICAL else ''}{said} ({how})."
        return [_alert(protocol, level, f"{text}{_advice(protocol, item, level, said)}", protocol.watch,
                       f"The {item.short} is {words} {said}.")]  # fmt: skip
    if item.lab_range and (
        (asked.low is not None and value < asked.low) or (asked.high is not None and value > asked.high)
    ):
        said = "low" if asked.low is not None and value < asked.low else "high"
        text = f"{name} {shown}: {said} by the laboratory's own range."
        return [_alert(protocol, Level.WATCH, text, protocol.watch, f"The {item.short} is {said}.")]
    return []


def _judged(value: Decimal, limits: Limits) -> tuple[Level | None, str]:
    """The level, and the limit that decided; low fires below its number, high at its number."""
    if limits.critical_low is not None and value < limits.critical_low:
        return Level.CRITICAL, f"below {number(limits.critical_low)}"
    if limits.critical_high is not None and value >= limits.critical_high:
        return Level.CRITICAL, f"{number(limits.critical_high)} or more"
    if limits.low is not None and value < limits.low:
        return Level.WATCH, f"below {number(limits.low)}"
    if limits.high is not None and value >= limits.high:
        return Level.WATCH, f"{number(limits.high)} or more"
    return None, ""


def _advice(protocol: Protocol, item: Item, level: Level, said: str) -> str:
    """What the rules say about it, where they do."""
    if protocol.key == "lithium" and item.code == "14334-7" and level is Level.CRITICAL:
        return " Lithium can be toxic at this level: reach the person today; symptoms count at any level."
    if item.code == "8636-3" and level is Level.CRITICAL:
        return " Repeat the ECG; the medicine stops where QTc stays so long."
    if protocol.key == "stimulant_vitals" and said == "high":
        return " Measure again; review the medicine where it persists."
    return ""


def _count(asked: Asked, protocol: Protocol, item: Item) -> list[Alert]:
    """The row of the neutrophil table: general, or benign ethnic neutropenia (R-MO-CLZ)."""
    assert asked.value is not None
    table: list[Mapping[str, Any]] = protocol.anc["ben" if asked.ben else "general"]
    row = next(one for one in table if asked.value >= one["min"])
    if row["level"] == "normal":
        return []
    level = Level.WATCH if row["treatment"] == "continue" and not row["hematology"] else Level.CRITICAL
    confirm = f" Confirm within {row['confirm_within_hours']} hours." if row["confirm_within_hours"] else ""
    text = f"Neutrophil count {number(asked.value)} cells/µL: {row['level']} neutropenia. {row['text']}{confirm}"
    text = text.replace("neutropenia neutropenia", "neutropenia")
    plain = "The blood count is low: infections are more dangerous now."
    return [_alert(protocol, level, text, protocol.watch, plain)]


def _positive(protocol: Protocol, item: Item) -> Alert:
    name = item.title
    text = f"{name}: positive."
    plain = "A test that was done before or with this medicine needs a talk with the prescriber."
    return _alert(protocol, Level.CRITICAL, text, (), plain)


def _said_yes(words: str) -> bool:
    text = words.casefold()
    return "positive" in text and not any(no in text for no in NOT_POSITIVE)


def _alert(protocol: Protocol, level: Level, sentence: str, watch: Sequence[str], plain: str = "") -> Alert:
    signs = watch[0] if watch else ""
    return Alert(
        level, sentence, f"{plain} {signs}".strip(), RULES.get(protocol.key, f"protocol {protocol.key}"),
        "; ".join(protocol.source), protocol.confidence,
    )  # fmt: skip


def number(value: Decimal) -> str:
    """Without trailing zeros, thousands parted: 1,350; 0.7."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def movements(scores: Sequence[int | None]) -> bool:
    """AIMS items 1 to 7: one of at least 3, or two of at least 2, asks for a work-up (R-MO-AIMS)."""
    first = [one for one in scores[:7] if one is not None]
    return any(one >= 3 for one in first) or sum(one >= 2 for one in first) >= 2
