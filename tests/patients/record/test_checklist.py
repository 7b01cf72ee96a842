"""The checklist of medical facts: answers are new rows, unchanged ones are dated anew, readings have their units."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import InternalError, transaction

from clinic import clock
from clinic.refusal import Conflict, Refused
from patients.record import actions, queries
from patients.record.enums import FACT_GROUPS, FactKey
from patients.record.models import MedicalFact, Reading
from patients.timeline.models import Entry
from tests.cast import BEGINNING, Cast, at, client
from tests.refused import refused_by

NOW = at("2026-03-02 09:30")
TODAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def _now() -> object:
    with clock.at(NOW):
        yield


def url(cast: Cast) -> str:
    return f"/patients/{cast.ana.pk}/facts/"


def answers(cast: Cast) -> dict[str, str]:
    return {fact.key: fact.answer.answer for fact in queries.facts(cast.ana.pk) if fact.answer}


def test_the_groups_hold_every_question_once() -> None:
    assert sorted(key for group in FACT_GROUPS.values() for key in group) == sorted(FactKey)


def test_none_of_a_group_answers_what_is_open_and_nothing_else(cast: Cast) -> None:
    actions.record_fact(cast.ana, key="kidney", answer="yes", by=cast.tess)
    assert client(cast.priya).post(url(cast), {"liver": "unsure", "none_1": "on"}).status_code == 302
    group = dict.fromkeys(map(str, FACT_GROUPS["Asked of everybody"]), "no")
    assert answers(cast) == {**group, "kidney": "yes", "liver": "unsure"}


def test_unchanged_answers_are_confirmed_at_once_and_the_old_rows_stay(cast: Cast) -> None:
    with clock.at(NOW - timedelta(days=90)):
        actions.record_facts(cast.ana, answers={"kidney": ("yes", "stage 3"), "liver": ("no", "")}, by=cast.tess)
    assert client(cast.priya).post(url(cast), {"confirm": "on", "seizure": "no"}).status_code == 302
    rows = MedicalFact.objects.filter(patient=cast.ana).order_by("recorded_at", "key")
    assert [(row.key, row.answer, row.note, row.recorded_at == NOW, row.recorded_by) for row in rows] == [
        ("kidney", "yes", "stage 3", False, cast.tess),
        ("liver", "no", "", False, cast.tess),
        ("kidney", "yes", "stage 3", True, cast.priya),
        ("liver", "no", "", True, cast.priya),
        ("seizure", "no", "", True, cast.priya),
    ]


def test_without_confirming_only_what_changed_is_kept(cast: Cast) -> None:
    actions.record_fact(cast.ana, key="kidney", answer="yes", by=cast.tess)
    client(cast.priya).post(url(cast), {"kidney": "yes", "liver": "no"})
    assert MedicalFact.objects.filter(patient=cast.ana).count() == 2


def test_somebody_elses_answer_meanwhile_is_a_conflict_and_every_word_stays(cast: Cast) -> None:
    base = queries.facts_base(cast.ana.pk)
    actions.record_fact(cast.ana, key="kidney", answer="yes", by=cast.tess)
    with pytest.raises(Conflict):
        actions.record_facts(cast.ana, answers={"kidney": ("no", "")}, based_on=base, by=cast.priya)
    typed = {"kidney": "no", "kidney_note": "kept words", "base": base}
    kept = client(cast.priya).post(url(cast), typed)
    assert (kept.status_code, b"kept words" in kept.content, answers(cast)) == (409, True, {"kidney": "yes"})
    again = client(cast.priya).post(url(cast), {**typed, "base": queries.facts_base(cast.ana.pk)})
    assert (again.status_code, answers(cast)) == (302, {"kidney": "no"})


def test_a_pound_is_kept_as_kilograms_and_a_pressure_as_two_numbers(cast: Cast) -> None:
    sent = {"weight": "160", "weight_unit": "lb", "pressure": "128/82", "egfr": "48", "taken_on": "2026-03-01"}
    assert client(cast.priya).post(url(cast), sent).status_code == 302
    rows = {row.kind: (row.value, row.lower, row.taken_on) for row in queries.readings(cast.ana.pk).values()}
    assert rows == {
        "weight": (Decimal("72.6"), None, date(2026, 3, 1)),
        "pressure": (Decimal(128), Decimal(82), date(2026, 3, 1)),
        "egfr": (Decimal(48), None, date(2026, 3, 1)),
    }


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("weight", "0", "20 to 400 kg"),
        ("weight", "-5", "in digits"),
        ("weight", "7..0", "in digits"),
        ("weight", "999", "20 to 400 kg"),
        ("pressure", "120", "two numbers"),
        ("pressure", "80/120", "two numbers"),
        ("pressure", "300/20", "50 to 280 mmHg"),
        ("qtc", "4", "250 to 800 ms"),
        ("taken_on", "2999-01-01", "future"),
    ],
)
def test_an_impossible_reading_keeps_every_word_and_saves_nothing(
    cast: Cast, field: str, typed: str, says: str
) -> None:
    sent = {"pulse": "70", "kidney": "yes", "kidney_note": "kept words", field: typed}
    kept = client(cast.priya).post(url(cast), sent)
    assert (kept.status_code, says in kept.content.decode(), "kept words" in kept.content.decode()) == (422, True, True)
    assert (answers(cast), Reading.objects.count()) == ({}, 0)


def test_the_newest_reading_counts_without_errors(cast: Cast) -> None:
    actions.record_reading(cast.ana, kind="pulse", value=Decimal(70), taken_on=date(2026, 2, 1), by=cast.tess)
    newest = actions.record_reading(cast.ana, kind="pulse", value=Decimal(44), taken_on=TODAY, by=cast.tess)
    assert queries.readings(cast.ana.pk)["pulse"].value == 44
    assert client(cast.tess).post(
        f"/patients/{cast.ana.pk}/in-error/reading/{newest.pk}/", {"reason": "other patient"}
    ).status_code == 302  # fmt: skip
    assert queries.readings(cast.ana.pk)["pulse"].value == 70
    assert b"other patient" in client(cast.tess).get(f"/patients/{cast.ana.pk}/").content


def test_the_story_tells_what_is_more_than_a_first_no(cast: Cast) -> None:
    actions.record_facts(
        cast.ana, answers={"kidney": ("yes", ""), "liver": ("no", ""), "heart": ("no", "")}, by=cast.tess
    )
    actions.record_fact(cast.ana, key="kidney", answer="no", by=cast.tess)
    actions.record_reading(
        cast.ana, kind="pressure", value=Decimal(150), lower=Decimal(95), taken_on=TODAY, by=cast.tess
    )
    assert list(
        Entry.objects.filter(patient=cast.ana).order_by("recorded_at", "id").values_list("label", flat=True)
    ) == [
        "Asked: kidney disease: yes",
        "Medical facts asked: 3 answers",
        "Asked: kidney disease: no",
        "Blood pressure 150/95\u00a0mmHg",
    ]


def test_a_therapist_asks_and_the_front_desk_never_sees(cast: Cast) -> None:
    """R-HP-08"""
    assert client(cast.tess).get(url(cast)).status_code == 200
    for other in (cast.fran, cast.max, cast.paul):
        assert client(other).get(url(cast)).status_code == 404
        assert client(other).post(url(cast), {"kidney": "yes"}).status_code == 404


def test_a_man_is_not_asked_about_pregnancy_unless_something_is_known(cast: Cast) -> None:
    address = f"/patients/{cast.ben.pk}/facts/"
    assert b"Breast-feeding" not in client(cast.paul).get(address).content
    actions.record_fact(cast.ben, key="breastfeeding", answer="no", by=cast.paul)
    assert b"Breast-feeding" in client(cast.paul).get(address).content


def test_unknown_kinds_are_refused(cast: Cast) -> None:
    with pytest.raises(Refused, match="measured"):
        actions.record_reading(cast.ana, kind="height", value=Decimal(1), taken_on=TODAY, by=cast.tess)


def test_what_the_database_refuses(cast: Cast) -> None:
    made = {"patient": cast.ana, "recorded_at": BEGINNING, "taken_on": TODAY}
    row = Reading.objects.create(kind="pulse", value=70, **made)
    with refused_by("reading_kind_known"):
        Reading.objects.create(kind="height", value=170, **made)
    with refused_by("reading_plausible"):
        Reading.objects.create(kind="pulse", value=0, **made)
    with refused_by("reading_pressure_is_two_numbers"):
        Reading.objects.create(kind="pressure", value=120, **made)
    with refused_by("reading_pressure_is_two_numbers"):
        Reading.objects.create(kind="pulse", value=70, lower=60, **made)
    with refused_by("reading_retracted_whole"):
        Reading.objects.filter(pk=row.pk).update(retracted_reason="x")
    with pytest.raises(InternalError, match="Cannot update"), transaction.atomic():
        Reading.objects.filter(pk=row.pk).update(value=60)
    with pytest.raises(InternalError, match="Cannot delete"), transaction.atomic():
        Reading.objects.filter(pk=row.pk)._raw_delete("default")
