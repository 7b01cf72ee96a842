"""Moved, cancelled, missed (R-RE-08), entered in error."""

from typing import Any

import pytest

from clinic import clock, ports
from clinic.refusal import Refused
from patients.inbox.models import Task
from patients.notes.models import Note
from patients.scheduling import actions
from patients.scheduling.models import Attendance, Occupancy
from patients.timeline.models import Entry
from tests.cast import Cast, at
from tests.patients.scheduling.booking import NOW, book, only, part, stacked, statuses

LATER = at("2026-03-02 10:30")


def first(booking: Any) -> Attendance:
    return Attendance.objects.filter(segment__booking=booking).order_by("segment__starts_at")[0]


def test_moving_keeps_the_visit_and_its_history(cast: Cast) -> None:
    booking = book(cast)
    before = only(booking)
    with clock.at(NOW):
        actions.confirm(before, by=cast.fran)
        actions.move(booking, parts=[part(cast.theo, "2026-03-03 14:00")], by=cast.fran)
    after = only(booking)
    assert after.pk == before.pk
    assert (after.segment.clinician, after.segment.starts_at) == (cast.theo, at("2026-03-03 14:00"))
    assert after.status == "booked"  # the confirmation was for the old time
    assert [step.status for step in after.steps.all()] == ["booked", "confirmed", "booked"]
    taken = Occupancy.objects.values_list("clinician", "starts_at")
    assert set(taken) == {(cast.theo.pk, at("2026-03-03 14:00")), (None, at("2026-03-03 14:00"))}


def test_the_part_that_nobody_has_come_for_yet_is_moved(cast: Cast) -> None:
    booking = stacked(cast)
    with clock.at(NOW):
        actions.arrive(first(booking), by=cast.fran)
        actions.move(booking, parts=[part(cast.priya, "2026-03-02 13:00", 20, "medication")], by=cast.fran)
    rows = Attendance.objects.filter(segment__booking=booking).order_by("segment__starts_at")
    assert list(rows.values_list("status", "segment__starts_at")) == [
        ("arrived", at("2026-03-02 10:00")), ("booked", at("2026-03-02 13:00")),
    ]  # fmt: skip


def test_a_move_into_its_own_old_time_is_no_overlap(cast: Cast) -> None:
    booking = book(cast)
    with clock.at(NOW):
        actions.move(booking, parts=[part(cast.tess, "2026-03-02 10:15")], by=cast.fran)
    assert only(booking).segment.starts_at == at("2026-03-02 10:15")


def test_a_refused_move_leaves_everything_as_it_was(cast: Cast) -> None:
    booking = book(cast)
    book(cast, part(cast.tess, "2026-03-02 14:00"), patient=cast.ben)
    with clock.at(NOW), pytest.raises(Refused) as refused:
        actions.move(booking, parts=[part(cast.tess, "2026-03-02 14:00")], by=cast.fran)
    assert refused.value.sentence == "Tess is booked from 2:00 to 2:45 by now. Choose another time."
    assert only(booking).segment.starts_at == at("2026-03-02 10:00")
    assert Occupancy.objects.count() == 4


@pytest.mark.parametrize(
    ("act", "parts", "sentence"),
    [
        (actions.arrive, 1, "Somebody has arrived for this visit already. Undo that first, or book a new one."),
        (None, 2, "A moved booking keeps its number of parts. Cancel it and book anew to change that."),
    ],
)
def test_what_cannot_be_moved(cast: Cast, act: Any, parts: int, sentence: str) -> None:
    booking = book(cast)
    wanted = [part(cast.tess, "2026-03-02 14:00"), part(cast.priya, "2026-03-02 14:45", 20, "medication")][:parts]
    with clock.at(NOW):
        if act:
            act(only(booking), by=cast.fran)
        with pytest.raises(Refused) as refused:
            actions.move(booking, parts=wanted, by=cast.fran)
    assert refused.value.sentence == sentence


def test_cancelling_frees_the_time_and_is_part_of_the_story(cast: Cast) -> None:
    booking = stacked(cast)
    with clock.at(NOW):
        actions.cancel(booking, reason="transport", words="bus strike", by=cast.fran)
    found = Attendance.objects.filter(segment__booking=booking)
    assert set(found.values_list("status", "reason", "reason_words")) == {("cancelled", "transport", "bus strike")}
    assert Occupancy.objects.count() == 0
    lines = Entry.objects.order_by("occurred_at").values_list("kind", "label", "occurred_at")
    assert list(lines) == [
        ("missed", "therapy session cancelled: no way to come", at("2026-03-02 10:00")),
        ("missed", "medication visit cancelled: no way to come", at("2026-03-02 10:45")),
    ]


def test_one_part_is_cancelled_and_the_other_stands(cast: Cast) -> None:
    booking = stacked(cast)
    with clock.at(NOW):
        actions.cancel(booking, reason="clinician", by=cast.fran, only=first(booking))
    assert statuses(booking) == ["cancelled", "booked"]
    assert set(Occupancy.objects.values_list("clinician", "patient")) == {(cast.priya.pk, None), (None, cast.ana.pk)}


@pytest.mark.parametrize(
    ("reason", "words", "sentence"),
    [
        ("", "", "Choose why the visit is not held."),
        ("moved", "", "Choose why the visit is not held."),
        ("in_error", "wrong person", "Choose why the visit is not held."),
        ("other", " \u200b ", "Write in a few words why the visit is not held."),
    ],
)
def test_a_reason_is_always_given(cast: Cast, reason: str, words: str, sentence: str) -> None:
    booking = book(cast)
    with clock.at(LATER):
        with pytest.raises(Refused) as refused:
            actions.cancel(booking, reason=reason, words=words, by=cast.fran)
        assert refused.value.sentence == sentence
        with pytest.raises(Refused) as refused:
            actions.no_show(only(booking), reason=reason, words=words, by=cast.fran)
        assert refused.value.sentence == sentence


def test_what_is_under_way_is_not_cancelled(cast: Cast) -> None:
    booking = book(cast)
    with clock.at(LATER):
        actions.start(only(booking), by=cast.tess)
        with pytest.raises(Refused) as refused:
            actions.cancel(booking, reason="unwell", by=cast.fran)
    assert refused.value.sentence == "The visit is under way; complete it, or undo the start first."


def miss(cast: Cast, when: str) -> Attendance:
    booking = book(cast, part(cast.tess, when), now=at(when))
    with clock.at(at(when)):
        return actions.no_show(only(booking), reason="no_word", by=cast.fran)


@pytest.mark.parametrize(("second", "asked"), [("2026-03-31 10:00", True), ("2026-04-02 10:00", False)])
def test_two_missed_visits_in_thirty_days_are_told_to_both_clinicians(cast: Cast, second: str, asked: bool) -> None:
    """R-RE-08."""
    miss(cast, "2026-03-02 10:00")
    assert Task.objects.filter(kind="missed_visit").count() == 0
    missed = miss(cast, second)
    tasks = Task.objects.filter(kind="missed_visit")
    assert {task.for_user for task in tasks} == ({cast.tess, cast.priya} if asked else set())
    if asked:
        with clock.at(at("2026-03-31 10:30")):
            actions.reopen(missed, by=cast.fran)
        assert tasks.filter(done_at=None).count() == 0


def test_a_stacked_visit_missed_counts_once(cast: Cast) -> None:
    """R-RE-08: both parts of one coming are one missed visit."""
    booking = stacked(cast)
    with clock.at(at("2026-03-02 12:00")):
        for attendance in Attendance.objects.filter(segment__booking=booking):
            actions.no_show(attendance, reason="forgot", by=cast.fran)
    assert Task.objects.count() == 0


def test_one_missed_visit_is_told_where_a_room_asks_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """R-RE-08: an open risk flag, say; the rooms answer through a port."""
    asked = [lambda patient_id: "open risk flag" if patient_id == cast.ana.pk else ""]
    monkeypatch.setattr("patients.scheduling.actions.attending.load", lambda port: asked)
    miss(cast, "2026-03-02 10:00")
    assert {task.sentence for task in Task.objects.all()} == {"Missed a visit (open risk flag): get in touch."}


def test_entered_in_error_is_gone_from_time_and_story_and_kept(cast: Cast) -> None:
    booking = book(cast)
    with clock.at(LATER):
        actions.no_show(only(booking), reason="no_word", by=cast.fran)
        actions.in_error(booking, words="wrong Ana", by=cast.fran)
        with pytest.raises(Refused) as refused:
            actions.reopen(only(booking), by=cast.fran)
    found = only(booking)
    assert (found.status, found.reason, found.reason_words) == ("cancelled", "in_error", "wrong Ana")
    assert Occupancy.objects.count() == 0
    assert Entry.objects.filter(retracted_at=None).count() == 0
    assert refused.value.sentence == "The booking was entered in error. Book it anew."


def test_an_error_needs_a_reason_and_no_signed_note(cast: Cast) -> None:
    booking = book(cast)
    with clock.at(LATER):
        with pytest.raises(Refused) as refused:
            actions.in_error(booking, words="  ", by=cast.fran)
        assert refused.value.sentence == "Write why the booking is an error."
        Note.objects.create(
            patient=cast.ana, attendance=only(booking), author=cast.tess, kind="session", started_at=LATER,
            created_at=LATER, saved_at=LATER, signed_at=LATER, signed_by=cast.tess, signature="Tess Moreno, LCSW",
            content_hash="0" * 64,
        )  # fmt: skip
        with pytest.raises(Refused) as refused:
            actions.in_error(booking, words="wrong person", by=cast.fran)
    assert refused.value.sentence.startswith("A signed note stands on this visit.")


def test_the_port_is_asked_by_its_name(cast: Cast) -> None:
    assert all(callable(thing) for thing in ports.load("MISSED_VISIT"))
