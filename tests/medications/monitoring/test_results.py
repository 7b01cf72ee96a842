"""Results: entered with unit, range and time after the dose; slips of the unit are caught; errors are struck."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from clinic import clock
from clinic.audit.models import AuditEvent
from clinic.rows import new_id
from medications.monitoring import actions
from medications.monitoring.actions import Given
from medications.monitoring.models import Result
from patients.timeline.models import Entry
from tests.cast import Cast
from tests.medications.monitoring.given import ANC, LITHIUM, TSH, moment, on_lithium, refused, result


@pytest.fixture
def lithium(cast: Cast) -> Cast:
    """Ana takes lithium."""
    on_lithium(cast.ana, cast.priya)
    return cast


def given(value: str | None = "0.7", number: int = -1, code: str = LITHIUM, **more: Any) -> Given:
    return Given(code, moment(number), None if value is None else Decimal(value), **more)


def test_it_is_kept_with_all_that_belongs_to_it(lithium: Cast) -> None:
    row = result(
        lithium.ana, LITHIUM, "0.72", number=7, by=lithium.priya, unit="mmol/L", low=Decimal("0.6"),
        high=Decimal("1.2"), hours_after_dose=Decimal("12.5"),
    )  # fmt: skip
    row.refresh_from_db()
    assert (row.value, row.unit, row.low, row.high, row.hours_after_dose, row.source, row.level) == (
        Decimal("0.72"), "mmol/L", Decimal("0.6"), Decimal("1.2"), Decimal("12.5"), "typed", "",
    )  # fmt: skip
    entry = Entry.objects.get(object_id=row.pk)
    assert (entry.label, entry.occurred_at, entry.url_name) == (
        "Lithium level 0.72 mmol/L", row.taken_at, "monitoring:result",
    )  # fmt: skip
    event = AuditEvent.objects.get(what="monitoring.record")
    assert (event.object_id, event.detail, event.actor_id) == (row.pk, {"code": LITHIUM}, lithium.priya.pk)


def test_another_unit_is_converted_exactly_and_kept_as_typed(lithium: Cast) -> None:
    row = result(lithium.ana, ANC, "1.35", number=1, by=lithium.priya, unit="10*3/uL", low=Decimal("1.5"))
    row.refresh_from_db()
    assert (row.value, row.unit, row.low, row.typed) == (Decimal(1350), "/uL", Decimal(1500), "1.35 10³/µL")


@pytest.mark.parametrize(
    ("more", "field", "sentence"),
    [
        ({"value": "70"}, "value", "70 mmol/L can hardly be: 0 to 6 is what occurs. 0.7 mmol/L"),
        ({"value": "700"}, "value", "0.7 mmol/L would be plausible: is it another unit?"),
        ({"value": "0.7", "unit": "mg/dL"}, "unit", "The unit mg/dL is not known for this."),
        ({"value": None}, "value", "Write the number"), ({"code": "nothing"}, "code", "Choose what was measured."),
        ({"number": 1}, "taken_at", "That is in the future."),
        ({"number": -15_000}, "taken_at", "before the person was born"),
        ({"hours_after_dose": Decimal(97)}, "hours_after_dose", "0 to 96"),
        ({"hours_after_dose": Decimal(-1)}, "hours_after_dose", "0 to 96"),
        ({"low": Decimal(2), "high": Decimal(1)}, "low", "ends before it begins"),
        ({"value": "-5"}, "value", "from 0 up"), ({"value": "1e30"}, "value", "from 0 up"),
        ({"value": "NaN"}, "value", "from 0 up"), ({"value": "5", "code": "58410-2"}, "words", "This has no number."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_beside_its_field(
    lithium: Cast, more: dict[str, Any], field: str, sentence: str
) -> None:
    with refused(sentence) as caught:
        actions.record(lithium.ana, given=given(**more), by=lithium.priya)
    assert caught.value.field == field
    assert not Result.objects.exists()


def test_an_implausible_number_that_is_right_as_typed_is_kept(lithium: Cast) -> None:
    assert actions.record(lithium.ana, given=given("7", sure=True), by=lithium.priya).value == 7


def test_words_are_kept_where_there_is_no_number(lithium: Cast) -> None:
    row = actions.record(lithium.ana, given=given(None, code="2106-3", words=" negative "), by=lithium.tess)
    assert (row.words, row.value) == ("negative", None)


def test_the_same_twice_is_refused_and_a_repeated_form_records_once(lithium: Cast) -> None:
    key = new_id()
    first = actions.record(lithium.ana, given=given(), key=key, by=lithium.priya)
    assert actions.record(lithium.ana, given=given(), key=key, by=lithium.priya) == first
    with refused("a result of this for that time already"):
        actions.record(lithium.ana, given=given("0.8"), by=lithium.priya)
    with refused("This form was sent already"):
        actions.record(lithium.ben, given=given(), key=key, by=lithium.paul)


def test_only_the_care_team_records(lithium: Cast) -> None:
    for by in (lithium.fran, lithium.paul, lithium.sam):
        with refused("Only the care team"):
            actions.record(lithium.ana, given=given(), by=by)


def test_entered_in_error_leaves_timeline_and_a_better_one_takes_its_place(lithium: Cast) -> None:
    row = actions.record(lithium.ana, given=given(), by=lithium.priya)
    with refused("Write what was wrong."):
        actions.retract(row, reason=" ", by=lithium.priya)
    actions.retract(row, reason="Another person's.", by=lithium.tess)
    assert Entry.objects.get(object_id=row.pk).retracted_at is not None
    with refused("already"):
        actions.retract(row, reason="Again.", by=lithium.priya)
    assert actions.record(lithium.ana, given=given("0.8"), by=lithium.priya).value == Decimal("0.8")


def test_a_circumstance_changes_what_is_due_until_it_ends(lithium: Cast) -> None:
    for number in (7, 14):
        result(lithium.ana, LITHIUM, "0.7", number=number, by=lithium.priya)
    row = actions.note(lithium.ana, key="poor_adherence", words="Says she forgets.", by=lithium.tess)
    assert (row.since, row.recorded_by) == (clock.today(lithium.ana.zone), lithium.tess)
    with refused("on record already"):
        actions.note(lithium.ana, key="poor_adherence", words="Again.", by=lithium.tess)
    actions.end(row, by=lithium.priya)
    with refused("ended already"):
        actions.end(row, by=lithium.priya)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"key": "moon"}, "Choose one of the circumstances."), ({"words": ""}, "Write how it is known"),
        ({"since": moment(3).date()}, "It has not begun yet."),
    ],
)  # fmt: skip
def test_a_circumstance_that_cannot_be(lithium: Cast, more: dict[str, Any], sentence: str) -> None:
    told: dict[str, Any] = {"key": "new_movement", "words": "Her tongue moves.", **more}
    with refused(sentence):
        actions.note(lithium.ana, by=lithium.tess, **told)


def test_only_a_prescriber_decides_the_table_of_counts_r_mo_clz(lithium: Cast) -> None:
    for key in ("benign_ethnic_neutropenia", "clozapine_individual"):
        with refused("A prescriber on the care team decides this"):
            actions.note(lithium.ana, key=key, words="Duffy-null.", by=lithium.tess)
        assert actions.note(lithium.ana, key=key, words="Duffy-null.", by=lithium.priya).key == key


def test_a_thyroid_value_without_a_range_says_nothing(lithium: Cast) -> None:
    assert actions.record(lithium.ana, given=given("9", code=TSH), by=lithium.priya).level == ""
    high = given("9", number=-2, code=TSH, low=Decimal("0.4"), high=Decimal("4.5"))
    assert actions.record(lithium.ana, given=high, by=lithium.priya).level == "watch"


def test_taken_a_moment_ago_is_the_past(lithium: Cast) -> None:
    now = clock.now() - timedelta(minutes=1)
    assert actions.record(lithium.ana, given=Given(LITHIUM, now, Decimal("0.7")), by=lithium.priya).taken_at == now
