"""Hours, absences and on-call: no overlaps, cover by a clinician, local times on the days the clocks change."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import pytest
from django.urls import reverse

from clinic import clock
from clinic.audit.models import AuditEvent
from clinic.refusal import Refused
from clinic.staff import actions, queries
from clinic.staff.models import Absence, WorkingHours
from tests.cast import Cast, at, client

DAY = timedelta(days=1)


def test_hours_end_on_a_day_that_lies_after_they_begin(cast: Cast) -> None:
    hours = WorkingHours.objects.filter(user=cast.tess).first()
    assert hours is not None
    assert actions.end_hours(hours, until_day=date(2026, 6, 30), by=cast.max).until_day == date(2026, 6, 30)
    with pytest.raises(Refused):
        actions.end_hours(hours, until_day=date(2023, 6, 30), by=cast.max)


def test_backward_hours_are_refused(cast: Cast) -> None:
    with pytest.raises(Refused):
        actions.set_hours(
            cast.tess, site=cast.site, weekday=1, starts=time(12), ends=time(9), from_day=date(2026, 1, 1), by=cast.max
        )  # fmt: skip


@pytest.mark.usefixtures("february")
@pytest.mark.parametrize("who", ["tess", "fran"])
def test_cover_is_somebody_else_and_clinical(cast: Cast, who: str) -> None:
    start = at("2026-03-02 09:00")
    with pytest.raises(Refused):
        actions.add_absence(
            cast.tess, starts_at=start, ends_at=start + DAY, reason="leave", covered_by=getattr(cast, who), by=cast.max
        )  # fmt: skip


@pytest.fixture
def february() -> Iterator[None]:
    """An absence in the past is refused: these days lie ahead."""
    with clock.at(at("2026-02-02 09:00")):
        yield


@pytest.mark.usefixtures("february")
def test_overlapping_absences_are_refused_in_a_sentence(cast: Cast) -> None:
    start = at("2026-03-02 09:00")
    actions.add_absence(cast.tess, starts_at=start, ends_at=start + DAY, reason="leave", by=cast.max)
    with pytest.raises(Refused, match="overlaps an absence"):
        actions.add_absence(cast.tess, starts_at=start + DAY / 2, ends_at=start + 2 * DAY, reason="x", by=cast.max)


@pytest.mark.usefixtures("february")
def test_an_absence_over_the_change_of_clocks_keeps_local_time(cast: Cast) -> None:
    """Clocks go forward on March 8, 2026: 9:00 to 9:00 next day is 23 hours."""
    client(cast.max).post(
        reverse("staff:absence", args=[cast.tess.pk]),
        {"from_day": "2026-03-07", "from_time": "09:00", "until_day": "2026-03-08", "until_time": "09:00",
         "reason": "leave"},
    )  # fmt: skip
    absence = Absence.objects.get(user=cast.tess)
    assert absence.ends_at - absence.starts_at == timedelta(hours=23)


def test_one_clinician_is_on_call(cast: Cast) -> None:
    start = at("2026-03-02 08:00")
    actions.put_on_call(cast.priya, starts_at=start, ends_at=start + DAY, by=cast.max)
    with pytest.raises(Refused):
        actions.put_on_call(cast.paul, starts_at=start + DAY / 2, ends_at=start + 2 * DAY, by=cast.max)
    with pytest.raises(Refused):
        actions.put_on_call(cast.fran, starts_at=start + DAY, ends_at=start + 2 * DAY, by=cast.max)
    assert queries.on_call_at(start + DAY / 2) == cast.priya
    assert queries.on_call_at(start + DAY) is None


def test_the_rota_shows_what_is_ahead(cast: Cast) -> None:
    start = at("2026-03-02 08:00")
    with clock.at(start):
        actions.put_on_call(cast.priya, starts_at=start, ends_at=start + DAY, by=cast.max)
        page = client(cast.max).get(reverse("staff:rota")).content.decode()
        assert "Priya Raman" in page
    with clock.at(start + 2 * DAY):
        assert "Nobody is on call." in client(cast.max).get(reverse("staff:rota")).content.decode()


def test_removing_is_audited_with_what_it_was(cast: Cast) -> None:
    start = at("2026-03-02 08:00")
    duty = actions.put_on_call(cast.priya, starts_at=start, ends_at=start + DAY, by=cast.max)
    actions.take_off_call(duty, by=cast.max)
    detail = AuditEvent.objects.get(what="staff.on_call_removed").detail
    assert datetime.fromisoformat(detail["from"]) == start
    assert detail["user"] == str(cast.priya.pk)


def test_a_choice_of_nobody_is_a_word(cast: Cast) -> None:
    """Django's row of dashes is spelled by a screen reader, and says nothing to anybody."""
    page = client(cast.max).get(reverse("staff:absence", args=[cast.tess.pk])).content.decode()
    assert '<option value="" selected>none</option>' in page
    assert "----" not in page
