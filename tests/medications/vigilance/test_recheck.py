"""Every night: what came to stand against a signed order, once, with a task; whatever is killed or run twice."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import InternalError, transaction

from clinic import clock
from clinic.audit.models import AuditEvent
from clinic.refusal import Conflict, Refused
from medications.prescribing import actions as prescribing
from medications.prescribing.models import DoseOrder
from medications.safety import actions as safety
from medications.safety import knowledge
from medications.safety.facts import Limits
from medications.vigilance import actions, queries
from medications.vigilance.marks import marks
from medications.vigilance.models import LateFinding, Rechecked
from patients.inbox.models import Task
from patients.record import actions as record
from tests.cast import Cast, client, on_team
from tests.furnished import Everything
from tests.medications.prescribing.given import NOW, TODAY, asked_everything, changed, regimen, started
from tests.refused import refused_by

NIGHT = NOW + timedelta(hours=18)


@pytest.fixture
def order(cast: Cast) -> DoseOrder:
    """Sertraline, everything asked, nothing against it; checked in the night after."""
    asked_everything(cast.ana, by=cast.priya)
    made = started(cast.ana, by=cast.priya)
    recheck()
    return made


def recheck(days: int = 0) -> dict[str, int]:
    """The job in a night."""
    with clock.at(NIGHT + timedelta(days=days)):
        return actions.recheck()


def later(days: int = 0, hours: int = 20) -> Any:
    return clock.at(NOW + timedelta(days=days, hours=hours))


def low_sodium(cast: Cast, answer: str = "yes", days: int = 0) -> None:
    with later(days):
        record.record_fact(cast.ana, key="low_sodium", answer=answer, by=cast.tess)


def open_codes() -> list[str]:
    return [row.code for row in queries.open_findings(TODAY + timedelta(days=9))]


def test_nothing_is_found_where_nothing_changed(cast: Cast, order: DoseOrder) -> None:
    assert recheck() == {"checked": 0, "found": 0, "gone": 0}
    assert recheck(1) == {"checked": 0, "found": 0, "gone": 0}
    assert (LateFinding.objects.count(), Task.objects.filter(kind="vigilance.late").count()) == (0, 0)


def test_a_fact_that_changed_is_found_once_with_a_task_to_the_prescriber(cast: Cast, order: DoseOrder) -> None:
    low_sodium(cast)
    assert [recheck(1), recheck(1), recheck(2)] == [
        {"checked": 1, "found": 1, "gone": 0}, {"checked": 0, "found": 0, "gone": 0},
        {"checked": 1, "found": 0, "gone": 0},  # while it is open it is looked at each night
    ]  # fmt: skip
    (row,) = LateFinding.objects.all()
    assert (row.code, row.level, row.rule_id, row.order) == ("caution:CC-160", "ask", "CC-160", order)
    (task,) = Task.objects.filter(kind="vigilance.late", done_at=None)
    assert (task.for_user, task.patient, task.urgent) == (cast.priya, cast.ana, False)
    assert task.sentence == "Something has come to stand against a signed order."


@pytest.mark.parametrize("what", ["allergy", "condition", "reading", "outside"])
def test_whatever_of_the_record_changes_is_noticed(cast: Cast, order: DoseOrder, what: str) -> None:
    changes: dict[str, Callable[[], object]] = {
        "allergy": lambda: record.record_allergy(cast.ana, kind="ingredient", name="sertraline", by=cast.tess),
        "condition": lambda: record.add_condition(cast.ana, code="F31.9", by=cast.tess),
        "reading": lambda: record.record_reading(
            cast.ana, kind="pulse", value=Decimal(70), taken_on=TODAY, by=cast.tess
        ),
        "outside": lambda: prescribing.report(
            cast.ana, drug_text="phenelzine", origin="outside", started_on=TODAY, by=cast.tess
        ),
    }
    with later():
        changes[what]()
    assert recheck(1)["checked"] == 1
    expected = {"allergy": ["allergy:sertraline"], "condition": ["caution:CC-106"], "outside": ["pair:phenelzine"]}
    assert open_codes() == expected.get(what, [])


@pytest.mark.parametrize(("drug", "checked"), [("sertraline", 1), ("lithium", 0)])
def test_a_new_version_of_the_knowledge_checks_again_whom_it_says_something_else_about(
    cast: Cast, order: DoseOrder, monkeypatch: pytest.MonkeyPatch, drug: str, checked: int
) -> None:
    """A rule that is about the drug of the order changed, or one about another drug alone; once."""
    known = knowledge.current()
    rule = next(row for row in known.cautions if known.drugs[drug].is_a(row["drug"]) and row["confidence"])
    changed = tuple({**row, "effect": "Something else."} if row is rule else row for row in known.cautions)
    newer = replace(known, version="2027-01-01 00000000", cautions=changed, pairs={}, of_drug={})
    monkeypatch.setattr(knowledge, "current", lambda: newer)
    assert [recheck(1), recheck(1)] == [
        {"checked": checked, "found": 0, "gone": 0}, {"checked": 0, "found": 0, "gone": 0}
    ]  # fmt: skip
    assert Rechecked.objects.get().stamp == marks(newer, Limits())["sertraline"]


def test_a_check_that_asks_again_is_found_again(cast: Cast, order: DoseOrder) -> None:
    tuning = safety.lower("CC-160", reason="We watch sodium in everybody.", by=cast.priya)
    low_sodium(cast)
    assert recheck(1)["found"] == 0
    with later(1):
        safety.ask_again(tuning, reason="Two falls this winter.", by=cast.priya)
    assert recheck(2)["found"] == 1


def test_what_a_prescriber_answered_at_signing_is_not_found(cast: Cast) -> None:
    """At this order's signature, or at the other medicine's: an interaction has two sides."""
    asked_everything(cast.ana, by=cast.priya)
    started(cast.ana, by=cast.priya)
    second = started(cast.ana, by=cast.priya, regimen=regimen("lithium", 300, "1"), answers=Everything())
    assert second.findings.filter(code="pair:sertraline").exists() is True
    assert recheck() == {"checked": 2, "found": 0, "gone": 0}


def test_what_no_longer_holds_is_gone_and_the_task_is_over(cast: Cast, order: DoseOrder) -> None:
    low_sodium(cast)
    recheck(1)
    low_sodium(cast, "no", 1)
    assert recheck(2) == {"checked": 1, "found": 0, "gone": 1}
    assert open_codes() == []
    assert Task.objects.get(kind="vigilance.late").outcome == "nothing stands against it"
    low_sodium(cast, "yes", 2)
    assert recheck(3)["found"] == 1


def test_a_stopped_medicine_and_an_ended_condition_are_noticed_the_night_after(cast: Cast, order: DoseOrder) -> None:
    with later():
        row = record.add_condition(cast.ana, code="F31.9", since=TODAY, by=cast.tess)
    recheck(1)
    assert open_codes() == ["caution:CC-106"]
    with later(1):
        record.resolve_condition(row, on=TODAY + timedelta(days=1), by=cast.tess)
    recheck(3)
    assert open_codes() == []


def test_orders_that_ended_are_left_alone(cast: Cast, order: DoseOrder) -> None:
    with later():
        prescribing.stop(order.prescription, reason="Not needed.", answers=Everything(), by=cast.priya)
    low_sodium(cast, days=1)
    assert recheck(2)["checked"] == 0


def test_a_changed_dose_is_checked_as_a_new_order(cast: Cast, order: DoseOrder) -> None:
    low_sodium(cast)
    recheck(1)
    with later(1):
        changed(order.prescription, by=cast.priya, answers=Everything())
    assert recheck(2)["found"] == 0
    assert (open_codes(), Task.objects.filter(kind="vigilance.late", done_at=None).count()) == ([], 0)


def test_killed_between_batches_it_goes_on_where_it_stopped(
    cast: Cast, order: DoseOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_everything(cast.ben, by=cast.paul)
    started(cast.ben, by=cast.paul)
    low_sodium(cast)
    monkeypatch.setattr(actions, "BATCH", 1)
    real, calls = actions._batch, []

    def once(*args: Any) -> tuple[int, int, int]:
        calls.append(args)
        if len(calls) > 1:
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(actions, "_batch", once)
    with pytest.raises(KeyboardInterrupt):
        recheck(1)
    monkeypatch.setattr(actions, "_batch", real)
    first = LateFinding.objects.count()
    recheck(1)
    assert (Rechecked.objects.count(), LateFinding.objects.count(), first) == (2, 1, 1)
    assert Task.objects.filter(kind="vigilance.late").count() == 1


def test_the_number_of_queries_is_the_same_for_one_and_for_many(
    cast: Cast, order: DoseOrder, django_assert_num_queries: Any
) -> None:
    for days in (1, 2):
        with later(days - 1):
            record.record_fact(cast.ana, key="asthma", answer="no", by=cast.tess)
            if days == 2:
                for drug, strength in (("bupropion", 75), ("mirtazapine", 15), ("aripiprazole", 5)):
                    started(cast.ana, by=cast.priya, drug=drug, strength=strength, answers=Everything())
        with clock.at(NIGHT + timedelta(days=days)), django_assert_num_queries(12):
            actions.recheck()


def test_a_prescriber_answers_with_a_reason_and_the_task_is_over(cast: Cast, order: DoseOrder) -> None:
    with later():
        record.record_allergy(cast.ana, kind="ingredient", name="sertraline", by=cast.tess)
    recheck(1)
    (row,) = queries.open_findings(TODAY)
    assert Task.objects.get(kind="vigilance.late").urgent is True
    with pytest.raises(Refused, match="Only a prescriber"):
        actions.answer(row, code="tolerated", words="x", by=cast.tess)
    for code, words, says in (("", "Taken for years.", "against a stop"), ("tolerated", " ", "Write why")):
        with pytest.raises(Refused, match=says):
            actions.answer(row, code=code, words=words, by=cast.priya)
    actions.answer(row, code="tolerated", words="Taken for years.", by=cast.priya)
    assert Task.objects.get(kind="vigilance.late").outcome == "answered"
    assert AuditEvent.objects.filter(what="vigilance.answer", actor_id=cast.priya.pk).count() == 1
    with pytest.raises(Refused, match="already"):
        actions.answer(row, code="tolerated", words="Again.", by=cast.priya)
    assert recheck(2) == {"checked": 0, "found": 0, "gone": 0}


def test_after_a_stop_nothing_is_answered(cast: Cast, order: DoseOrder) -> None:
    low_sodium(cast)
    recheck(1)
    (row,) = LateFinding.objects.all()
    with later(1):
        prescribing.stop(order.prescription, reason="Sodium.", answers=Everything(), by=cast.priya)
        with pytest.raises(Conflict):
            actions.answer(row, words="x", by=cast.priya)


def test_the_page_shows_it_to_the_team_and_lets_the_prescriber_answer(cast: Cast, order: DoseOrder) -> None:
    low_sodium(cast)
    recheck(1)
    row, address = LateFinding.objects.get(), f"/vigilance/{cast.ana.pk}/"
    assert b"Low sodium: sertraline" in client(cast.tess).get(address).content
    assert client(cast.tess).get(f"{address}{row.pk}/answer/").status_code == 404
    browser = client(cast.priya)
    assert browser.post(f"{address}{row.pk}/answer/", {"words": ""}).status_code == 422
    assert browser.post(f"{address}{row.pk}/answer/", {"words": "Sodium checked today: 138."}).status_code == 302
    assert b"Sodium checked today: 138." in client(cast.tess).get(address).content
    for other in (cast.fran, cast.theo, cast.max):
        assert client(other).get(address).status_code == 404
    on_team(cast.ben, cast.priya, "prescriber")
    assert browser.get(f"/vigilance/{cast.ben.pk}/{row.pk}/answer/").status_code == 404


def test_what_the_database_refuses(cast: Cast, order: DoseOrder) -> None:
    made: dict[str, Any] = {
        "order": order, "patient": cast.ana, "level": "ask", "code": "caution:CC-160", "rule_id": "CC-160",
        "title": "x", "sentence": "x", "knowledge_version": "x", "found_at": NOW,
    }  # fmt: skip
    row = LateFinding.objects.create(**made)
    with refused_by("late_once_while_it_lasts"):
        LateFinding.objects.create(**made)
    with refused_by("late_interrupts"):
        LateFinding.objects.create(**{**made, "level": "note", "code": "x"})
    answered = {"answered_at": NOW, "answered_by": cast.priya}
    with refused_by("late_answered_whole"):
        LateFinding.objects.filter(pk=row.pk).update(**answered)
    stop = LateFinding.objects.create(**{**made, "level": "stop"})
    with refused_by("late_stop_has_code"):
        LateFinding.objects.filter(pk=stop.pk).update(override_words="x", **answered)
    LateFinding.objects.filter(pk=row.pk).update(override_words="x", **answered)
    for change, says in (({"override_words": "y"}, "answered and stays"), ({"title": "y"}, "Cannot update")):
        with pytest.raises(InternalError, match=says), transaction.atomic():
            LateFinding.objects.filter(pk=row.pk).update(**change)
    with pytest.raises(InternalError, match="Cannot delete"), transaction.atomic():
        LateFinding.objects.filter(pk=row.pk)._raw_delete("default")
