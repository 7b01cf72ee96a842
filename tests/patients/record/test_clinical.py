"""Allergies, conditions, medical facts: never asked is not none known; what is in error leaves and stays visible."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import InternalError, transaction
from django.db.models import F

from clinic.audit.models import AuditEvent
from clinic.refusal import Refused
from patients.record import actions, codes, queries
from patients.record.models import Allergy, Condition, MedicalFact, Patient
from patients.timeline.models import Entry
from tests.cast import BEGINNING, Cast
from tests.refused import refused_by

pytestmark = pytest.mark.django_db


def penicillin(cast: Cast, **fields: Any) -> Allergy:
    return actions.record_allergy(cast.ana, **{"kind": "ingredient", "name": "Penicillin", "by": cast.tess, **fields})


def asked(cast: Cast) -> tuple[str, Any]:
    row = Patient.objects.get(pk=cast.ana.pk)
    return row.allergies, row.allergies_asked_by


def story(cast: Cast) -> list[str]:
    return [e.label for e in Entry.objects.filter(patient=cast.ana, retracted_at=None).order_by("recorded_at", "id")]


def test_never_asked_none_known_and_some_are_three_things(cast: Cast) -> None:
    assert asked(cast) == ("never_asked", None)
    actions.no_known_allergies(cast.ana, by=cast.priya)
    assert asked(cast) == ("none_known", cast.priya)
    penicillin(cast)
    assert asked(cast) == ("some", cast.tess)


def test_none_known_beside_a_list_is_refused(cast: Cast) -> None:
    penicillin(cast)
    with pytest.raises(Refused, match="Allergies are listed"):
        actions.no_known_allergies(cast.ana, by=cast.priya)


def test_the_last_one_in_error_means_that_nobody_has_asked(cast: Cast) -> None:
    first, second = penicillin(cast), penicillin(cast, name="Latex", kind="substance")
    actions.retract(first, reason="other patient", by=cast.tess)
    assert asked(cast)[0] == "some"
    actions.retract(second, reason="other patient", by=cast.tess)
    assert asked(cast) == ("never_asked", None)


@pytest.mark.parametrize("name", ["PENICILLIN", " penicillin ", "Pénicillin"])
def test_an_allergy_is_listed_once(cast: Cast, name: str) -> None:
    penicillin(cast)
    with pytest.raises(Refused, match="listed already"):
        penicillin(cast, name=name)


@pytest.mark.parametrize(
    ("fields", "match"),
    [
        ({"name": "  "}, "Write what"), ({"kind": "food"}, "Choose"), ({"name": "x" * 121}, "120"),
        ({"reaction": "\x00"}, "cannot be stored"),
    ],
)  # fmt: skip
def test_allergies_that_cannot_be_kept(cast: Cast, fields: dict[str, str], match: str) -> None:
    with pytest.raises(Refused, match=match):
        penicillin(cast, **fields)


def test_a_condition_takes_its_title_from_the_list(cast: Cast) -> None:
    row = actions.add_condition(cast.ana, code="f331", by=cast.priya)
    assert (row.code, row.title) == ("F33.1", codes.title("F33.1"))
    assert queries.conditions(cast.ana.pk) == [row]


@pytest.mark.parametrize(
    ("fields", "match"),
    [
        ({"code": "F33"}, "finer codes"),
        ({"code": "Q99.99"}, "no such code"),
        ({"code": "\x00" * 500}, "no such code"),
        ({"code": "F33.1", "since": date(2999, 1, 1)}, "in the future"),
        ({"code": "F33.1", "since": date(1980, 1, 1)}, "before the birth date"),
    ],
)
def test_conditions_that_cannot_be(cast: Cast, fields: dict[str, Any], match: str) -> None:
    with pytest.raises(Refused, match=match):
        actions.add_condition(cast.ana, by=cast.priya, **fields)


def test_a_condition_ends_and_may_return(cast: Cast) -> None:
    row = actions.add_condition(cast.ana, code="F33.1", since=date(2024, 1, 1), by=cast.priya)
    with pytest.raises(Refused, match="listed already"):
        actions.add_condition(cast.ana, code="F33.1", by=cast.priya)
    for on, match in ((date(2023, 1, 1), "before the condition began"), (date(2999, 1, 1), "future")):
        with pytest.raises(Refused, match=match):
            actions.resolve_condition(row, on=on, by=cast.priya)
    actions.resolve_condition(row, on=date(2025, 1, 1), by=cast.priya)
    with pytest.raises(Refused, match="ended already"):
        actions.resolve_condition(row, on=date(2025, 1, 1), by=cast.priya)
    again = actions.add_condition(cast.ana, code="F33.1", by=cast.priya)
    assert queries.conditions(cast.ana.pk) == [again]
    assert queries.all_conditions(cast.ana.pk) == [again, row]


def test_the_newest_answer_counts_and_none_is_never_asked(cast: Cast) -> None:
    actions.record_fact(cast.ana, key="kidney", answer="no", by=cast.priya)
    newest = actions.record_fact(cast.ana, key="kidney", answer="yes", note="eGFR 48", by=cast.priya)
    known = {fact.key: fact.answer for fact in queries.facts(cast.ana.pk)}
    assert (known["kidney"], known["liver"]) == (newest, None)
    actions.retract(newest, reason="other patient", by=cast.tess)
    left = {fact.key: fact.answer for fact in queries.facts(cast.ana.pk)}["kidney"]
    assert left is not None
    assert left.answer == "no"


def test_asking_keeps_only_what_changed(cast: Cast) -> None:
    actions.record_fact(cast.ana, key="kidney", answer="no", by=cast.priya)
    kept = actions.record_facts(
        cast.ana, answers={"kidney": ("no", ""), "liver": ("yes", "hepatitis"), "seizure": ("", "")}, by=cast.priya
    )
    assert [(row.key, row.answer, row.note) for row in kept] == [("liver", "yes", "hepatitis")]


@pytest.mark.parametrize(("key", "answer"), [("mood", "yes"), ("kidney", "maybe")])
def test_unknown_questions_and_answers_are_refused(cast: Cast, key: str, answer: str) -> None:
    with pytest.raises(Refused, match="Choose yes"):
        actions.record_fact(cast.ana, key=key, answer=answer, by=cast.priya)


def test_what_changed_is_told_and_what_was_in_error_leaves_the_story(cast: Cast) -> None:
    allergy = penicillin(cast, reaction="hives")
    actions.add_condition(cast.ana, code="F41.1", by=cast.priya)
    assert story(cast) == ["Allergy: Penicillin, hives", "Condition: Generalized anxiety disorder"]
    actions.retract(allergy, reason="other patient", by=cast.tess)
    assert story(cast) == ["Condition: Generalized anxiety disorder"]


def test_in_error_needs_a_reason_and_happens_once(cast: Cast) -> None:
    row = penicillin(cast)
    with pytest.raises(Refused, match="what was wrong"):
        actions.retract(row, reason="  ", by=cast.tess)
    actions.retract(row, reason="other patient", by=cast.tess)
    with pytest.raises(Refused, match="already"):
        actions.retract(row, reason="other patient", by=cast.tess)
    assert queries.allergies(cast.ana.pk) == []
    assert [(a.name, a.retracted_reason) for a in queries.all_allergies(cast.ana.pk)] == [
        ("Penicillin", "other patient")
    ]


def test_the_audit_holds_no_clinical_word(cast: Cast) -> None:
    """R-HS-07: ids, codes, numbers; a typed reason is in `why`."""
    penicillin(cast, reaction="hives")
    actions.add_condition(cast.ana, code="F41.1", by=cast.priya)
    actions.record_fact(cast.ana, key="kidney", answer="yes", note="eGFR 48", by=cast.priya)
    said = " ".join(f"{row.what} {row.detail}" for row in AuditEvent.objects.filter(patient_id=cast.ana.pk))
    assert [word for word in ("enicillin", "hives", "anxiety", "F41", "eGFR", "Ana", "Quiroga") if word in said] == []
    assert AuditEvent.objects.filter(patient_id=cast.ana.pk).count() == 3


def test_what_the_database_refuses(cast: Cast) -> None:
    allergy = penicillin(cast)
    condition = actions.add_condition(cast.ana, code="F41.1", since=date(2024, 5, 1), by=cast.priya)
    fact = actions.record_fact(cast.ana, key="kidney", answer="yes", by=cast.priya)
    made = {"patient": cast.ana, "recorded_at": BEGINNING}
    with refused_by("allergy_kind_known"):
        Allergy.objects.create(kind="food", name="x", **made)
    with refused_by("allergy_named"):
        Allergy.objects.create(kind="class", name="", **made)
    with refused_by("allergy_retracted_whole"):
        Allergy.objects.filter(pk=allergy.pk).update(retracted_at=BEGINNING)
    with refused_by("condition_once_while_active"):
        Condition.objects.create(code="F41.1", title="x", **made)
    with refused_by("condition_resolved_after_start"):
        Condition.objects.filter(pk=condition.pk).update(resolved_on=F("since") - timedelta(days=1))
    with refused_by("condition_retracted_whole"):
        Condition.objects.filter(pk=condition.pk).update(retracted_reason="x")
    with refused_by("fact_key_known"):
        MedicalFact.objects.create(key="mood", answer="yes", **made)
    with refused_by("fact_answer_known"):
        MedicalFact.objects.create(key="liver", answer="maybe", **made)
    with refused_by("fact_retracted_whole"):
        MedicalFact.objects.filter(pk=fact.pk).update(retracted_by=cast.tess)
    with refused_by("patient_allergies_known"):
        Patient.objects.filter(pk=cast.ana.pk).update(allergies="perhaps")
    with refused_by("patient_allergies_asked_by_somebody"):
        Patient.objects.filter(pk=cast.ana.pk).update(allergies="never_asked")
    for row, fields in ((allergy, {"name": "x"}), (condition, {"code": "F33.1"}), (fact, {"answer": "no"})):
        with pytest.raises(InternalError, match="Cannot update"), transaction.atomic():
            type(row).objects.filter(pk=row.pk).update(**fields)
        with pytest.raises(InternalError, match="Cannot delete"), transaction.atomic():
            type(row).objects.filter(pk=row.pk)._raw_delete("default")
