"""How fast lamotrigine may rise, by what else is taken (R-MO-LTG); what follows when valproate or an inducer stops."""

from datetime import timedelta
from decimal import Decimal

import pytest

from medications.safety import engine
from medications.safety.facts import Finding, Stretch
from medications.safety.knowledge import current
from tests.medications.safety.asked import TODAY, found, proposed, taken

TABLES = {
    "plain": ([], (25, 50, 100, 200, 200)),
    "valproate": (["valproate"], ("12.5", 25, 50, 100, 100)),
    "inducer": (["carbamazepine"], (50, 100, 200, 300, 400)),
}
LASTS = (14, 14, 7, 7)


def speed(daily: object, live: list[str], course: tuple[Stretch, ...] = ()) -> list[Finding]:
    """What is said of the speed alone."""
    asks = proposed("lamotrigine", str(daily), starts=not course, course=course)
    return [one for one in found(live=[taken(name) for name in live], asks=asks) if one.code.startswith("speed:")]


def course(*doses: tuple[object, int], gap: int = 0) -> tuple[Stretch, ...]:
    """Doses with their days, the last one ending today, or so many days ago."""
    end, made = TODAY - timedelta(days=gap), []
    for daily, days in reversed(doses):
        made.append(Stretch(Decimal(str(daily)), end - timedelta(days=days), end))
        end -= timedelta(days=days)
    return tuple(reversed(made))


@pytest.mark.parametrize("table", ["plain", "valproate"])
@pytest.mark.parametrize("step", range(5))
def test_each_step_of_the_labels_table_is_silent_and_the_next_is_not(table: str, step: int) -> None:
    """R-MO-LTG: 25/50/100/200/200; with valproate 25 every other day/25/50/100/100."""
    live, doses = TABLES[table]
    before = course(*zip(doses[:step], LASTS[:step], strict=True))
    key = {"plain": "speed:lamotrigine_plain", "valproate": "speed:lamotrigine_with_valproate"}[table]
    assert key not in [one.code for one in speed(doses[step], live, before)]
    faster = Decimal(str(doses[step])) + 1
    assert [one.level for one in speed(faster, live, before) if one.code == key] == ["ask"]


def test_with_valproate_the_first_step_is_every_other_day_and_the_whole_schedule_is_told() -> None:
    """R-MO-LTG"""
    (one,) = [one for one in speed(25, ["valproate"]) if "valproate" in one.code]
    assert one.rule_id == "R-MO-LTG"
    assert one.remedy == {"every": "2", "daily": "12.5", "text": "25\u00a0mg every other day"}
    assert one.sentence == (
        "The label begins with 25\u00a0mg every other day now; this is 25\u00a0mg a day. The label’s schedule: "
        "days 1–14 25\u00a0mg every other day; days 15–28 25\u00a0mg a day; days 29–35 50\u00a0mg a day; "
        "days 36–42 100\u00a0mg a day; from day 43 100\u00a0mg a day."
    )


def test_a_day_too_early_is_too_early() -> None:
    """R-MO-LTG"""
    assert [one.code for one in speed(50, [], course((25, 13)))] == ["speed:lamotrigine_plain"]
    assert speed(50, [], course((25, 14))) == []


def test_an_inducer_never_silences_the_plain_table() -> None:
    """Adding a medicine removes no finding: the plain table goes on speaking."""
    assert [one.code for one in speed(50, ["carbamazepine"])] == ["speed:lamotrigine_plain"]
    assert {one.code for one in speed(51, ["carbamazepine"])} == {
        "speed:lamotrigine_plain", "speed:lamotrigine_with_inducer",
    }  # fmt: skip


@pytest.mark.parametrize(("gap", "said"), [(7, []), (8, ["speed:lamotrigine_plain"])])
def test_after_five_half_lives_the_label_begins_again(gap: int, said: list[str]) -> None:
    """R-MO-LTG: a gap over five half-lives restarts the titration."""
    before = course((25, 14), (50, 14), (100, 60), gap=gap)
    findings = speed(100, [], before)
    assert [one.code for one in findings] == said
    assert all("After the gap the label begins again" in one.sentence for one in findings)


def test_the_same_dose_or_less_is_no_step() -> None:
    assert speed(200, [], course((200, 3))) == []
    assert speed(150, [], course((200, 3))) == []


@pytest.mark.parametrize(
    ("drug", "live", "said"),
    [
        ("valproate", ["lamotrigine"], ["stop.speed:lamotrigine"]),
        ("carbamazepine", ["lamotrigine"], ["stop.speed:lamotrigine"]),
        ("valproate", ["sertraline"], []),
        ("sertraline", ["lamotrigine"], []),
    ],
)
def test_lamotrigine_is_reckoned_anew_when_valproate_or_an_inducer_stops(
    drug: str, live: list[str], said: list[str]
) -> None:
    """R-MO-LTG"""
    findings = engine.check_stop(
        drug, days_taken=90, daily_mg=Decimal(500), lowest_mg=Decimal(125), knowledge=current(),
        live=[taken(name) for name in live],
    )  # fmt: skip
    assert [one.code for one in findings if one.code.startswith("stop.speed")] == said
