"""A session is begun from its booking, tied to the plan, signed once; the timeline tells it (R-TP-10, R-HS-05)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from clinic import clock
from clinic.refusal import Refused
from patients.notes import actions as notes
from patients.notes import queries as note_queries
from patients.scheduling.models import Attendance, Booking, Segment
from patients.timeline.models import Entry
from tests.cast import Cast, at
from tests.therapy.sessions.ground import plan_for, written
from therapy.sessions import actions, queries
from therapy.sessions.models import Homework, Session

START, END = at("2026-03-02 14:00"), at("2026-03-02 14:45")


def booked(cast: Cast, service: str = "therapy", status: str = "arrived") -> Attendance:
    booking = Booking.objects.create(site=cast.site, booked_at=START)
    segment = Segment.objects.create(
        booking=booking, clinician=cast.tess, service=service, starts_at=START, ends_at=END
    )
    held = {"reason": "no_word"} if status == "no_show" else {}
    return Attendance.objects.create(segment=segment, patient=cast.ana, status=status, arrived_at=START, **held)


def ready(cast: Cast) -> Session:
    with clock.at(START):
        return written(cast)


def test_beginning_sets_the_attendance_in_session_once(cast: Cast) -> None:
    row = booked(cast)
    with clock.at(START):
        session = actions.begin(cast.ana, by=cast.tess, attendance=row)
        assert actions.begin(cast.ana, by=cast.tess, attendance=row) == session
    row.refresh_from_db()
    assert (row.status, session.note.attendance, session.note.contact) == ("in_session", row, "visit")


@pytest.mark.parametrize(
    ("service", "status", "contact"),
    [("intake", "arrived", "intake"), ("telephone", "arrived", "telephone"), ("therapy", "no_show", "missed")],
)
def test_the_kind_of_contact_follows_the_booking(cast: Cast, service: str, status: str, contact: str) -> None:
    with clock.at(START):
        session = actions.begin(cast.ana, by=cast.tess, attendance=booked(cast, service, status))
    assert session.note.contact == contact


def test_the_note_of_a_visit_that_is_over_ends_when_the_visit_did(cast: Cast) -> None:
    """Written in the evening, its minutes are those of the visit (R-CPT-01), not the hours since."""
    row = booked(cast, status="completed")
    row.started_at, row.ended_at = START, END
    row.save()
    with clock.at(at("2026-03-02 21:00")):
        session = actions.begin(cast.ana, by=cast.tess, attendance=row)
    assert (session.note.started_at, session.note.ended_at) == (START, END)


def test_signing_completes_the_attendance_and_writes_the_timeline(cast: Cast) -> None:
    first, _ = plan_for(cast)
    row = booked(cast)
    with clock.at(START):
        session = actions.begin(cast.ana, by=cast.tess, attendance=row)
        parts = {"data": "Drove.", "assessment": "Falls.", "plan": "On."}
        notes.save(session.note, parts=parts, based_on=0, by=cast.tess)
        actions.save(
            session, modality="cbt", response="engaged", topic="The bridge, alone",
            objectives={first.pk: ("better", "three of three")}, techniques=["agenda"], by=cast.tess,
        )  # fmt: skip
        actions.give_homework(session, kind="exposure_practice", words="Bridge on three days", by=cast.tess)
    with clock.at(END):
        session = actions.sign(session, by=cast.tess)
    row.refresh_from_db()
    note = session.note
    assert (row.status, note.code, note.minutes) == ("completed", "90834", 45)
    assert note_queries.is_intact(note)
    assert note.extra["objectives"] == [
        {"id": str(first.pk), "words": "Drives the bridge alone", "progress": "better", "how": "three of three"}
    ]
    assert (note.extra["techniques"], note.extra["plan"]) == ([{"key": "agenda", "name": "Agenda setting"}], "")
    told = Entry.objects.filter(kind__in=["session", "homework"]).order_by("id")
    assert [(e.kind, e.label, e.value, e.occurred_at, e.until, e.object_id, e.url_name) for e in told] == [
        ("session", "The bridge, alone", Decimal(45), START, END, note.pk, "notes:note"),
        ("homework", "Bridge on three days", None, START, None, note.pk, "notes:note"),
    ]


def test_a_retracted_session_leaves_timeline_list_and_homework(cast: Cast) -> None:
    session = ready(cast)
    actions.give_homework(session, kind="exposure_practice", words="Bridge", by=cast.tess)
    with clock.at(END):
        session = actions.sign(session, by=cast.tess)
        notes.retract(session.note, reason="wrong chart", by=cast.tess)
        following = actions.begin(cast.ana, by=cast.tess, started_at=END)
    assert not Entry.objects.filter(retracted_at=None).exists()
    assert (queries.recent(cast.ana.pk), queries.homework_for(following)) == ([], [])
    assert [one.state for one in queries.contacts(cast.ana.pk)] == ["draft", "error"]


def test_an_objective_must_be_named_where_a_plan_is_in_force(cast: Cast) -> None:
    """R-TP-10."""
    plan_for(cast)
    session = ready(cast)
    with clock.at(END), pytest.raises(Refused, match="at least one objective"):
        actions.sign(session, by=cast.tess)


@pytest.mark.parametrize("contact", ["intake", "crisis", "missed", "telephone"])
def test_other_contacts_name_none(cast: Cast, contact: str) -> None:
    """R-TP-10."""
    plan_for(cast)
    session = ready(cast)
    session.note.refresh_from_db()
    notes.save(session.note, parts={}, based_on=session.note.revision, by=cast.tess, contact=contact)
    with clock.at(END):
        assert actions.sign(session, by=cast.tess).note.is_signed


def test_without_a_plan_the_note_says_so_itself(cast: Cast) -> None:
    """R-TP-10: there is nothing to name."""
    session = ready(cast)
    with clock.at(END):
        note = actions.sign(session, by=cast.tess).note
    assert note.extra["plan"] == "No plan was in force when this was signed, so no objective could be named."


def test_the_topic_line_is_needed(cast: Cast) -> None:
    session = actions.save(ready(cast), topic="", by=cast.tess)
    with clock.at(END), pytest.raises(Refused, match="topic line"):
        actions.sign(session, by=cast.tess)


@pytest.mark.parametrize(
    ("minutes", "code"), [(15, ""), (16, "90832"), (37, "90832"), (38, "90834"), (52, "90834"), (53, "90837")]
)
def test_the_code_is_the_one_the_minutes_support(cast: Cast, minutes: int, code: str) -> None:
    """R-CPT-01."""
    session = ready(cast)
    with clock.at(START + timedelta(minutes=minutes)):
        assert actions.sign(session, by=cast.tess).note.code == code


def test_another_patients_objective_is_refused(cast: Cast) -> None:
    from patients.plan.models import Objective

    other = Objective.objects.create(patient=cast.ben, created_at=START)
    with pytest.raises(Refused, match="not of this patient"):
        actions.save(ready(cast), topic="x", objectives={other.pk: ("better", "")}, by=cast.tess)


@pytest.mark.parametrize(
    "fields", [{"modality": "x"}, {"response": "x"}, {"techniques": ["x"]}], ids=["modality", "response", "technique"]
)
def test_words_come_from_the_vocabulary(cast: Cast, fields: dict[str, str]) -> None:
    with pytest.raises(Refused, match="from the list"):
        actions.save(ready(cast), topic="t", by=cast.tess, **fields)  # type: ignore[arg-type]


def test_facts_move_the_revision_so_that_a_second_window_notices(cast: Cast) -> None:
    session = ready(cast)
    before = session.note.revision
    facts = actions.Facts(topic="The bridge, alone", modality="cbt")
    saved = actions.save_page(session, parts={}, based_on=before, facts=facts, by=cast.tess)
    assert saved.note.revision == before + 1
    again = actions.save_page(session, parts={}, based_on=before, facts=facts, by=cast.tess)
    assert again.note.revision == before + 1
    with pytest.raises(notes.Stale):
        actions.save_page(session, parts={}, based_on=before, facts=actions.Facts(topic="Other"), by=cast.tess)


class TestHomework:
    def test_how_it_went_is_said_in_a_later_session(self, cast: Cast) -> None:
        session = ready(cast)
        row = actions.give_homework(session, kind="exposure_practice", words="Bridge", by=cast.tess)
        with clock.at(END):
            actions.sign(session, by=cast.tess)
            later = actions.begin(cast.ana, by=cast.tess, started_at=END)
            assert queries.homework_for(later) == [row]
            actions.review_homework(row, result="partly", words="one of three", session=later, by=cast.tess)
        row.refresh_from_db()
        assert (row.result, row.result_words, row.result_in) == ("partly", "one of three", later)
        assert queries.homework_for(later) == [row]

    def test_an_answer_outside_its_kind_is_refused(self, cast: Cast) -> None:
        session = ready(cast)
        row = actions.give_homework(session, kind="exposure_practice", words="Bridge", by=cast.tess)
        with clock.at(END):
            actions.sign(session, by=cast.tess)
            later = actions.begin(cast.ana, by=cast.tess, started_at=END)
            with pytest.raises(Refused, match="Choose one"):
                actions.review_homework(row, result="given", session=later, by=cast.tess)

    def test_the_same_twice_is_given_once(self, cast: Cast) -> None:
        session = ready(cast)
        for _ in range(2):
            actions.give_homework(session, kind="exposure_practice", words="Bridge", by=cast.tess)
        assert Homework.objects.count() == 1

    @pytest.mark.parametrize(("kind", "words"), [("x", "Bridge"), ("exposure_practice", "  ")])
    def test_unknown_kind_or_no_words(self, cast: Cast, kind: str, words: str) -> None:
        with pytest.raises(Refused):
            actions.give_homework(ready(cast), kind=kind, words=words, by=cast.tess)

    def test_taken_back_while_the_note_is_open(self, cast: Cast) -> None:
        session = ready(cast)
        row = actions.give_homework(session, kind="exposure_practice", words="Bridge", by=cast.tess)
        actions.drop_homework(row, by=cast.tess)
        assert not Homework.objects.exists()
