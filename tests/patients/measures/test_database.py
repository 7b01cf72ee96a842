"""What the database refuses of scores and desk sessions."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from clinic import clock
from patients.measures.models import DeskSession, Score
from patients.scheduling.models import Attendance, Booking, Segment
from tests.cast import Cast
from tests.patients.measures.given import NOW, phq9, scored


def _score(cast: Cast, **fields: Any) -> Score:
    return Score.objects.create(
        patient=cast.ana, instrument="phq9", version="1", answered_at=NOW, channel="desk", recorded_at=NOW, **fields
    )


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("score_not_negative", {"total": -1}),
        ("score_acknowledged_by_somebody", {"acknowledged_at": NOW}),
        ("score_retracted_whole", {"retracted_at": NOW}),
    ],
)
def test_a_score(cast: Cast, constraint: str, fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        _score(cast, **fields)


def test_a_score_stays_as_it_was_given(cast: Cast) -> None:
    with clock.at(NOW):
        score = scored(cast.ana, phq9(), by=cast.tess)
    changes: tuple[dict[str, Any], ...] = ({"total": 3}, {"answers": []}, {"patient": cast.ben}, {"alerts": [9]})
    for change in changes:
        with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
            Score.objects.filter(pk=score.pk).update(**change)
    with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
        score.delete()


def _desk(cast: Cast, token: str, **fields: Any) -> DeskSession:
    given = {"expires_at": NOW + timedelta(minutes=30), **fields}
    return DeskSession.objects.create(
        patient=cast.ana, token_hash=token, instruments=["phq9"], started_at=NOW, started_by=cast.fran, **given
    )


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("desk_session_ends_later", {"expires_at": NOW}),
        ("desk_session_code_lapses", {"code_hash": "a"}),
        ("desk_session_code_lapses", {"code_until": NOW}),
    ],
)
def test_a_desk_session(cast: Cast, constraint: str, fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        _desk(cast, "t", **fields)


def test_one_code_opens_one_desk_session(cast: Cast) -> None:
    _desk(cast, "t", code_hash="a", code_until=NOW)
    with pytest.raises(IntegrityError, match="desk_session_code_once"), transaction.atomic():
        _desk(cast, "u", code_hash="a", code_until=NOW)


def test_one_open_desk_session_a_visit(cast: Cast) -> None:
    booking = Booking.objects.create(site=cast.site, booked_at=NOW)
    segment = Segment.objects.create(
        booking=booking, clinician=cast.tess, service="therapy", starts_at=NOW, ends_at=NOW + timedelta(minutes=45)
    )
    visit = Attendance.objects.create(segment=segment, patient=cast.ana)
    _desk(cast, "t", attendance=visit)
    with pytest.raises(IntegrityError, match="desk_session_open_once_per_visit"), transaction.atomic():
        _desk(cast, "u", attendance=visit)
