"""A flag: raised for everybody, acknowledged, closed by a named clinician with a disposition and words (R-MB-07)."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from clinic import clock
from clinic.audit.models import AuditEvent
from clinic.refusal import Conflict, Refused
from clinic.rows import new_id
from clinic.staff.models import Licence
from patients.inbox.models import Task
from patients.risk import actions, queries
from patients.risk.models import RiskFlag
from patients.risk.panels import missed_visit
from patients.timeline.models import Entry
from tests.cast import Cast, at

NOW = at("2026-11-23 10:00")


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.at(NOW):
        yield


@pytest.fixture
def flag(cast: Cast) -> RiskFlag:
    """Tess raised one for Ana."""
    return actions.raise_flag(cast.ana, source="clinician", sentence="Says she has a plan.", by=cast.tess)


def test_it_is_open_told_and_on_the_timeline(cast: Cast, flag: RiskFlag) -> None:
    assert queries.open_flags(cast.ana.pk) == [flag]
    assert queries.told(flag) == [cast.tess, cast.priya]
    entry = Entry.objects.get(object_id=flag.pk)
    assert (entry.kind, entry.label, entry.url_name) == ("risk", "Says she has a plan.", "risk:flag")


def test_the_audit_holds_no_word_of_it(flag: RiskFlag) -> None:
    event = AuditEvent.objects.get(object_id=flag.pk)
    assert (event.what, event.detail, event.why) == ("risk.raise_flag", {"source": "clinician"}, "")


def test_one_score_raises_one_flag(cast: Cast) -> None:
    key = new_id()
    first = actions.raise_flag(cast.ana, source="item", sentence="Item 9 was 1.", object_id=key, by=None)
    again = actions.raise_flag(cast.ana, source="item", sentence="Item 9 was 2.", object_id=key, by=None)
    assert (first.pk, again.sentence, Task.objects.count()) == (again.pk, "Item 9 was 1.", 2)


def test_a_flag_says_something(cast: Cast) -> None:
    with pytest.raises(Refused, match="in a sentence"):
        actions.raise_flag(cast.ana, source="clinician", sentence=" \u200b", by=cast.tess)


def test_acknowledging_leaves_it_open_and_with_everybody(cast: Cast, flag: RiskFlag) -> None:
    seen = actions.acknowledge(flag, by=cast.priya)
    assert (seen.acknowledged_by, seen.closed_at) == (cast.priya, None)
    assert Task.objects.filter(done_at=None).count() == 2


def test_closing_ends_it_for_everybody_under_one_name(cast: Cast, flag: RiskFlag) -> None:
    done = actions.close(flag, disposition="plan_made", words="Agreed to call; sister stays.", by=cast.priya)
    assert (done.closed_by, done.closed_at, done.disposition) == (cast.priya, NOW, "plan_made")
    assert (done.acknowledged_by, queries.open_flags(cast.ana.pk)) == (cast.priya, [])
    assert set(Task.objects.values_list("done_by", "outcome")) == {(cast.priya.pk, "safety steps agreed")}


def test_the_timeline_shows_from_when_to_when(cast: Cast, flag: RiskFlag) -> None:
    with clock.at(NOW + timedelta(hours=2)):
        actions.close(flag, disposition="referred", words="Seen the same day.", by=cast.tess)
    rows = Entry.objects.filter(object_id=flag.pk, retracted_at=None).order_by("recorded_at")
    assert [(row.occurred_at, row.until, row.label) for row in rows] == [
        (NOW, NOW + timedelta(hours=2), "Says she has a plan."),
        (NOW + timedelta(hours=2),) * 2 + ("Flag closed: referred for same-day evaluation",),
    ]


@pytest.mark.parametrize(
    ("disposition", "words", "sentence"),
    [("", "words", "Choose how"), ("forgotten", "words", "Choose how"), ("plan_made", "  ", "Write what was found")],
)
def test_nobody_closes_without_disposition_and_words(
    cast: Cast, flag: RiskFlag, disposition: str, words: str, sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        actions.close(flag, disposition=disposition, words=words, by=cast.tess)
    assert queries.open_flags(cast.ana.pk) == [flag]


def test_a_lapsed_licence_neither_acknowledges_nor_closes(cast: Cast, flag: RiskFlag) -> None:
    Licence.objects.filter(user=cast.tess).update(expires_on=date(2026, 11, 22))
    with pytest.raises(Refused, match="licence is in force"):
        actions.acknowledge(flag, by=cast.tess)
    with pytest.raises(Refused, match="licence is in force"):
        actions.close(flag, disposition="plan_made", words="Agreed.", by=cast.tess)


def test_closing_twice_is_a_conflict_that_names_who_was_first(cast: Cast, flag: RiskFlag) -> None:
    actions.close(flag, disposition="plan_made", words="Agreed.", by=cast.tess)
    with pytest.raises(Conflict, match="Tess Moreno closed this flag already"):
        actions.close(flag, disposition="referred", words="Referred.", by=cast.priya)


def test_a_missed_visit_matters_while_a_flag_is_open(cast: Cast, flag: RiskFlag) -> None:
    """R-RE-08"""
    assert (missed_visit(cast.ana.pk), missed_visit(cast.ben.pk)) == ("open risk flag", "")
    actions.close(flag, disposition="plan_made", words="Agreed.", by=cast.tess)
    assert missed_visit(cast.ana.pk) == ""


def test_open_for_lists_the_flags_of_ones_own_patients(cast: Cast, flag: RiskFlag) -> None:
    other = actions.raise_flag(cast.ben, source="clinician", sentence="Said he cannot go on.", by=cast.theo)
    lists = [queries.open_for(user) for user in (cast.tess, cast.sam, cast.theo, cast.fran)]
    assert lists == [[flag], [flag], [other], []]


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("risk_closed_with_name_and_disposition", {"closed_at": NOW}),
        ("risk_closed_with_name_and_disposition", {"closed_at": NOW, "disposition": "referred", "closing_words": "x"}),
        ("risk_acknowledged_by_somebody", {"acknowledged_at": NOW}),
    ],
)
def test_the_database_refuses_a_half_closed_flag(flag: RiskFlag, constraint: str, change: dict[str, object]) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        RiskFlag.objects.filter(pk=flag.pk).update(**change)


def test_the_database_refuses_a_second_flag_of_one_score(cast: Cast) -> None:
    key, fields = new_id(), {"source": "item", "sentence": "x", "raised_at": NOW}
    RiskFlag.objects.create(patient=cast.ana, object_id=key, **fields)
    with pytest.raises(IntegrityError, match="risk_once_per_answer"), transaction.atomic():
        RiskFlag.objects.create(patient=cast.ana, object_id=key, **fields)


def test_the_database_never_deletes_changes_or_reopens(cast: Cast, flag: RiskFlag) -> None:
    with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
        flag.delete()
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        RiskFlag.objects.filter(pk=flag.pk).update(sentence="Nothing was said.")
    actions.close(flag, disposition="plan_made", words="Agreed.", by=cast.tess)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        RiskFlag.objects.filter(pk=flag.pk).update(closed_at=None, closed_by=None, disposition="", closing_words="")
