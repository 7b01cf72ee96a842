"""How fast a dose may rise: the label's table of the drug with what else is taken (R-MO-LTG)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from medications.safety.enums import Level
from medications.safety.facts import Finding, Proposed, Stretch, Taken
from medications.safety.knowledge import DrugFacts, Knowledge

# Five half-lives in days: a longer gap begins the table anew. By variant: with valproate the drug stays longer.
GAP_DAYS = {"lamotrigine_with_valproate": 12, "lamotrigine_with_inducer": 3}
GAP_USUAL = 7
RULE = "R-MO-LTG"


def speed(live: Sequence[Taken], proposed: Proposed, drug: DrugFacts, knowledge: Knowledge) -> Iterator[Finding]:
    """A step faster than the label's table asks for a reason and shows the table; each company has its own finding.

    Every table that fits what is taken speaks for itself, so that another medicine takes nothing away.
    """
    takes = [other for one in live if _still(one, proposed) and (other := knowledge.drug(one.drug))]
    for table in knowledge.titrations:
        if not any(drug.is_a(one) for one in table["applies_to"]) or "stopped" in table["variant_if"]:
            continue
        company = [*table["variant_if"].get("taking", []), *table["variant_if"].get("taking_any", [])]
        if company and not any(other.is_a(one) for other in takes for one in company):
            continue
        if found := _too_fast(table, proposed, drug):
            yield found


def _still(one: Taken, proposed: Proposed) -> bool:
    return one.key != proposed.key and (one.stopped_on is None or one.stopped_on > proposed.from_day)


def _too_fast(table: Mapping[str, Any], proposed: Proposed, drug: DrugFacts) -> Finding | None:
    course = continuous(proposed.course, proposed.from_day, GAP_DAYS.get(table["key"], GAP_USUAL))
    place = reached(table["steps"], course, proposed.from_day)
    step = table["steps"][place]
    now = course[-1].daily_mg if course else Decimal(0)
    if proposed.daily_mg <= average(step) or (course and proposed.daily_mg <= now):
        return None
    earlier = any(one.start < proposed.from_day for one in proposed.course)
    again = "After the gap the label begins again: " if earlier and not course else ""
    kind = "the next step is" if course else "begins with"
    return Finding(
        Level.ASK, f"speed:{table['key']}"[:60], RULE, f"Faster than the label: {table['title'].lower()}"[:200],
        f"{again}{'the' if again else 'The'} label {kind if not course else 'allows'} {words(step)} now; this is "
        f"{_mg(proposed.daily_mg)} a day. {schedule(table)}", tuple(table["source"]), table["confidence"],
        "Any rash, mouth sores, fever or swollen glands: tell the prescriber the same day, before the next dose.",
        {"every": str(step["every_n_days"]), "daily": _number(average(step)), "text": words(step)},
    )  # fmt: skip


def continuous(course: Sequence[Stretch], from_day: date, gap_days: int) -> list[Stretch]:
    """The stretches without a gap of more than so many days up to `from_day`, in time."""
    kept: list[Stretch] = []
    begins = from_day
    for one in sorted((one for one in course if one.start < from_day), key=lambda one: one.start, reverse=True):
        until = min(one.until or from_day, from_day)
        if (begins - until).days > gap_days:
            break
        if until > one.start:
            kept.append(one)
            begins = one.start
    return kept[::-1]


def reached(steps: Sequence[Mapping[str, Any]], course: Sequence[Stretch], from_day: date) -> int:
    """The place in the table that the course allows on the day: a step further once each lasted its days."""
    place = 0
    if not course:
        return place
    for number in range(len(steps) - 1):
        first = next((one.start for one in course if one.daily_mg >= average(steps[number])), None)
        if first is None or (from_day - first).days < _days(steps[number]):
            break
        place = number + 1
    return place


def average(step: Mapping[str, Any]) -> Decimal:
    """What a day of the step gives, in mg."""
    return Decimal(str(step["dose_mg_per_day"])) / Decimal(step["every_n_days"])


def _days(step: Mapping[str, Any]) -> int:
    return int(step["day_to"] or step["day_from"]) - int(step["day_from"]) + 1


def words(step: Mapping[str, Any]) -> str:
    """25 mg every other day; 50 mg a day."""
    rhythm = "every other day" if step["every_n_days"] == 2 else "a day"
    return f"{_mg(Decimal(str(step['dose_mg_per_day'])))} {rhythm}"


def schedule(table: Mapping[str, Any]) -> str:
    """The whole table in one sentence."""
    parts = [
        f"days {step['day_from']}–{step['day_to']} {words(step)}" if step["day_to"] else
        f"from day {step['day_from']} {words(step)}" for step in table["steps"]
    ]  # fmt: skip
    return f"The label’s schedule: {'; '.join(parts)}."


def after_stop(drug: DrugFacts, live: Sequence[Taken], knowledge: Knowledge) -> Iterator[Finding]:
    """What stays must be reckoned anew when valproate or an inducer goes: the level of lamotrigine moves."""
    for table in knowledge.titrations:
        if not any(drug.is_a(one) for one in table["variant_if"].get("stopped", [])):
            continue
        for one in live:
            other = knowledge.drug(one.drug)
            if other is None or one.stopped_on is not None or not any(other.is_a(a) for a in table["applies_to"]):
                continue
            note = f" {table['notes'][0]}" if table["notes"] else ""
            yield Finding(
                Level.ASK, f"stop.speed:{other.name}"[:60], RULE, f"{other.name.capitalize()} must be reckoned anew",
                f"{drug.name.capitalize()} changes its level. {schedule(table)}{note} Change its dose, or say why not.",
                tuple(table["source"]), table["confidence"],
                "Dizziness, double vision, or returning low mood after the change: tell the prescriber.",
            )  # fmt: skip


def _mg(value: Decimal) -> str:
    return f"{_number(value)}\u00a0mg"


def _number(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def last_day(one: Stretch, today: date) -> date:
    """The last day of a stretch that is over, else today."""
    return today if one.until is None else one.until - timedelta(days=1)
