"""The database keeps what a signed session says, and refuses rows that cannot be (R-HS-05)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from clinic import clock
from tests.cast import Cast
from tests.therapy.sessions.ground import plan_for
from tests.therapy.sessions.test_sessions import END, ready
from therapy.sessions import actions
from therapy.sessions.models import Homework, Session, SessionObjective, Technique


@pytest.fixture
def signed(cast: Cast) -> Session:
    first, _ = plan_for(cast)
    session = ready(cast)
    actions.save(session, topic="t", objectives={first.pk: ("better", "")}, techniques=["agenda"], by=cast.tess)
    actions.give_homework(session, kind="exposure_practice", words="Bridge", by=cast.tess)
    with clock.at(END):
        return actions.sign(session, by=cast.tess)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE therapy_sessions_session SET topic = 'x'",
        "DELETE FROM therapy_sessions_sessionobjective",
        "UPDATE therapy_sessions_sessionobjective SET progress = 'met'",
        "DELETE FROM therapy_sessions_technique",
        "UPDATE therapy_sessions_homework SET words = 'x'",
        "DELETE FROM therapy_sessions_homework",
    ],
)
def test_a_signed_session_stays(signed: Session, sql: str) -> None:
    with pytest.raises(InternalError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize("table", ["session", "sessionobjective", "technique", "homework"])
def test_nothing_is_emptied(db: None, table: str) -> None:
    with pytest.raises(InternalError, match="never emptied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE therapy_sessions_{table} CASCADE")


def test_a_signed_session_takes_no_more_rows(signed: Session) -> None:
    with pytest.raises(InternalError, match="cannot change"), transaction.atomic():
        Technique.objects.create(session=signed, key="teach")
    with pytest.raises(InternalError, match="cannot change"), transaction.atomic():
        Homework.objects.create(session=signed, patient=signed.patient, kind="reading", words="x")


def test_how_homework_went_stays_once_that_session_is_signed(cast: Cast, signed: Session) -> None:
    row = Homework.objects.get()
    with clock.at(END):
        later = actions.begin(cast.ana, by=cast.tess, started_at=END)
        actions.review_homework(row, result="done", session=later, by=cast.tess)
        actions.review_homework(row, result="partly", session=later, by=cast.tess)
    note = later.note
    note.signed_at, note.signed_by, note.signature, note.content_hash = END, cast.tess, "T", "0" * 64
    note.save()
    with pytest.raises(InternalError, match="how homework went"), transaction.atomic():
        Homework.objects.filter(pk=row.pk).update(result="done")


ROWS: dict[str, Callable[[Session, Any], Any]] = {
    "session_objective_once": lambda s, o: SessionObjective(session=s, objective=o),
    "session_progress_known": lambda s, o: SessionObjective(session=s, objective=o, progress="x"),
    "technique_once_per_session": lambda s, o: Technique(session=s, key="agenda"),
    "homework_has_words": lambda s, o: Homework(session=s, patient=s.patient, kind="reading", words=""),
    "homework_result_whole": lambda s, o: Homework(
        session=s, patient=s.patient, kind="reading", words="x", result="done"
    ),
}


@pytest.mark.parametrize("name", sorted(ROWS))
def test_each_constraint_broken_once(cast: Cast, name: str) -> None:
    first, second = plan_for(cast)
    session = ready(cast)
    SessionObjective.objects.create(session=session, objective=first)
    Technique.objects.create(session=session, key="agenda")
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        ROWS[name](session, first if name == "session_objective_once" else second).save(force_insert=True)


def test_a_note_has_one_session(cast: Cast) -> None:
    session = ready(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        Session.objects.create(note=session.note, patient=cast.ana)
