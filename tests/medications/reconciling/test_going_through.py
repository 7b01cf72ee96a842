"""The list is gone through line by line: kept as said, nothing of ours changed, the prescriber told."""

from datetime import timedelta

import pytest

from clinic import clock
from clinic.audit.models import AuditEvent
from clinic.refusal import Conflict, Refused
from clinic.rows import new_id
from medications.prescribing import actions as prescribing
from medications.prescribing.models import DoseOrder, Prescription
from medications.reconciling import actions, queries
from medications.reconciling.models import ReconciledLine, Reconciliation
from medications.visits import actions as visits
from patients.inbox import queries as inbox
from patients.inbox.models import Task
from patients.timeline.models import Entry
from tests.cast import Cast, on_team
from tests.medications.prescribing.given import NOW, TODAY, answered, changed
from tests.medications.reconciling.given import elsewhere, gone_through, ours, said

HALF = ("differently", "half a tablet, it makes her sleepy")


def fresh(row: Prescription) -> Prescription:
    return Prescription.objects.get(pk=row.pk)


def waiting() -> list[tuple[str, str, bool]]:
    rows = Task.objects.filter(kind=actions.KIND, done_at=None).order_by("created_at", "pk")
    return [(str(row.for_user), row.sentence, row.urgent) for row in rows]


def test_every_line_is_kept_with_the_order_it_was_compared_with(cast: Cast) -> None:
    row, other = ours(cast), elsewhere(cast)
    done = gone_through(cast, {row: HALF, other: "unknown"})
    order = DoseOrder.objects.get(prescription=row)
    found = done.lines.values_list("prescription", "order", "stops_on", "on_hold", "answer", "words")
    assert list(found) == [
        (row.pk, order.pk, None, False, *HALF),
        (other.pk, None, None, False, "unknown", ""),
    ]
    assert (done.patient, done.recorded_by, done.recorded_at, done.visit) == (cast.ana, cast.tess, NOW, None)


def test_it_changes_no_order_of_ours(cast: Cast) -> None:
    row = ours(cast)
    before = list(DoseOrder.objects.values())
    gone_through(cast, {row: ("stopped", "since Friday, nausea")})
    assert list(DoseOrder.objects.values()) == before
    assert (fresh(row).stopped_on, fresh(row).revision) == (None, 0)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (HALF, "Takes a medicine differently than it is ordered."),
        (("stopped", "since Friday"), "Has stopped a medicine that is ordered."),
    ],
)
def test_the_prescriber_is_told(cast: Cast, answer: tuple[str, str], sentence: str) -> None:
    row = ours(cast)
    done = gone_through(cast, {row: answer})
    (task,) = Task.objects.filter(kind=actions.KIND)
    assert (task.for_user, task.sentence, task.patient) == (cast.priya, sentence, cast.ana)
    assert task.object_id == done.pk
    assert task in inbox.mine(cast.priya)


@pytest.mark.parametrize("answer", ["confirmed", "unknown"])
def test_what_is_taken_as_ordered_or_not_known_asks_nobody(cast: Cast, answer: str) -> None:
    gone_through(cast, {ours(cast): answer})
    assert waiting() == []


def test_the_prescribers_of_the_team_are_told_where_the_prescriber_is_gone(cast: Cast) -> None:
    row = ours(cast)
    cast.ana.care_team.filter(user=cast.priya).update(ends_at=NOW)
    on_team(cast.ana, cast.paul, "prescriber")
    gone_through(cast, {row: HALF})
    assert [one.for_user for one in inbox.mine(cast.paul)] == [cast.paul]


def test_what_must_not_stop_from_one_day_to_the_next_is_urgent(cast: Cast) -> None:
    """R-TA-05: a benzodiazepine that the patient has left off."""
    quiet = ours(cast, drug="hydroxyzine", strength=25)
    row = ours(cast, drug="clonazepam", strength=1, answers=answered("controlled.pdmp"))
    Prescription.objects.filter(pk=row.pk).update(started_on=TODAY - timedelta(days=90))
    gone_through(cast, {row: ("stopped", "since Friday"), quiet: ("stopped", "since Friday")})
    assert sorted(urgent for _, _, urgent in waiting()) == [False, True]


def test_what_came_from_elsewhere_and_was_stopped_ends(cast: Cast) -> None:
    other = elsewhere(cast)
    gone_through(cast, {other: ("stopped", "since Friday, no use")})
    row = fresh(other)
    assert (row.stopped_on, row.stop_reason, row.stopped_by) == (TODAY, "since Friday, no use", cast.tess)
    assert queries.listed(cast.ana.pk, TODAY) == []
    assert waiting() == []


def test_what_comes_from_elsewhere_and_is_taken_differently_stays_on_the_list(cast: Cast) -> None:
    other = elsewhere(cast)
    gone_through(cast, {other: ("differently", "three")})
    assert (fresh(other).stopped_on, waiting()) == (None, [])
    assert [line.words for line in queries.said(cast.ana.pk).values()] == ["three"]


def test_what_is_on_hold_is_asked_and_marked(cast: Cast) -> None:
    row = prescribing.hold(ours(cast), reason="Blood test first.", by=cast.priya)
    line = gone_through(cast, {row: ("differently", "takes it all the same")}).lines.get()
    assert (line.on_hold, line.order) == (True, DoseOrder.objects.get(prescription=row))


def test_an_empty_list_says_that_none_is_taken(cast: Cast) -> None:
    done = gone_through(cast)
    assert not done.lines.exists()
    assert Entry.objects.get(object_id=done.pk).label == "Medicines gone through: none is taken"


def test_the_timeline_counts_and_the_audit_names_nothing(cast: Cast) -> None:
    first, second = ours(cast), ours(cast, drug="hydroxyzine", strength=25)
    done = gone_through(cast, {first: HALF, second: "confirmed"})
    entry = Entry.objects.get(object_id=done.pk)
    assert (entry.label, entry.kind) == ("Medicines gone through: 1 as ordered, 1 taken differently", "record")
    event = AuditEvent.objects.get(object_id=done.pk)
    assert (event.what, event.detail, event.actor_id) == ("reconciling.go_through", {"lines": 2}, cast.tess.pk)


@pytest.mark.parametrize(
    ("answer", "sentence", "field"),
    [
        ("", "Choose how it is taken.", "answer"),
        ("maybe", "Choose how it is taken.", "answer"),
        (("differently", "  "), "Write how it is taken, as the patient says.", "words"),
        (("stopped", ""), "Write since when it is not taken, and why.", "words"),
    ],
)
def test_a_line_without_its_answer_keeps_nothing(
    cast: Cast, answer: tuple[str, str] | str, sentence: str, field: str
) -> None:
    row = ours(cast)
    with pytest.raises(Refused) as caught:
        gone_through(cast, {row: answer, elsewhere(cast): ("stopped", "no use")})
    assert (caught.value.sentence, caught.value.field) == (sentence, f"{field}:{row.pk}")
    assert not Reconciliation.objects.exists()


def test_who_is_not_on_the_team_records_nothing(cast: Cast) -> None:
    with pytest.raises(Refused, match=r"Only the care team can record this\."):
        actions.go_through(cast.ana, said={}, after=None, by=cast.theo)


def test_sent_twice_it_is_kept_once(cast: Cast) -> None:
    row, key = ours(cast), new_id()
    given = said(cast.ana, {row: HALF})
    first = actions.go_through(cast.ana, said=given, after=None, key=key, by=cast.tess)
    second = actions.go_through(cast.ana, said=given, after=None, key=key, by=cast.tess)
    assert first == second
    assert (ReconciledLine.objects.count(), len(waiting())) == (1, 1)


def test_the_key_of_somebody_else_is_no_answer(cast: Cast) -> None:
    key = new_id()
    actions.go_through(cast.ana, said={}, after=None, key=key, by=cast.tess)
    with pytest.raises(Refused, match="sent already"):
        actions.go_through(cast.ana, said={}, after=None, key=key, by=cast.priya)


def test_somebody_who_went_through_it_meanwhile_is_a_conflict(cast: Cast) -> None:
    ours(cast)
    given = said(cast.ana)
    gone_through(cast, by=cast.priya)
    with pytest.raises(Conflict, match="Somebody went through the list meanwhile"):
        actions.go_through(cast.ana, said=given, after=None, by=cast.tess)


def test_an_order_that_changed_meanwhile_is_a_conflict(cast: Cast) -> None:
    row = ours(cast)
    given = said(cast.ana)
    changed(row, by=cast.priya)
    with pytest.raises(Conflict, match="The list changed meanwhile"):
        actions.go_through(cast.ana, said=given, after=None, by=cast.tess)


def test_a_medicine_that_came_meanwhile_is_a_conflict(cast: Cast) -> None:
    ours(cast)
    given = said(cast.ana)
    elsewhere(cast)
    with pytest.raises(Conflict):
        actions.go_through(cast.ana, said=given, after=None, by=cast.tess)


def test_an_order_that_began_meanwhile_is_a_conflict(cast: Cast) -> None:
    """Nobody touched anything: a change signed for tomorrow came into force at midnight."""
    row = ours(cast)
    changed(row, by=cast.priya, from_day=TODAY + timedelta(days=1))
    given = said(cast.ana)
    with clock.at(NOW + timedelta(days=1)), pytest.raises(Conflict):
        actions.go_through(cast.ana, said=given, after=None, by=cast.tess)


def test_it_belongs_to_the_visit_that_is_written(cast: Cast) -> None:
    visit = visits.begin(cast.ana, by=cast.priya)
    done = actions.go_through(cast.ana, said={}, after=None, visit=visit, by=cast.priya)
    assert done.visit == visit


def test_it_belongs_to_no_visit_of_somebody_else(cast: Cast) -> None:
    visit = visits.begin(cast.ana, by=cast.priya)
    with pytest.raises(Refused, match="That visit is over or is not yours"):
        actions.go_through(cast.ana, said={}, after=None, visit=visit, by=cast.tess)
