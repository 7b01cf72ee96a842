"""A clinician is away: who is booked in that time stands in the front desk's inbox, until moved or called off."""

from typing import Any

import pytest
from django.urls import reverse

from clinic import clock
from clinic.refusal import Refused
from clinic.staff import actions as staff
from clinic.staff.models import Absence
from patients.inbox.models import Task
from patients.scheduling import actions
from patients.scheduling.models import Booking
from tests.cast import Cast, at, client
from tests.patients.scheduling.booking import NOW, book, only, part


@pytest.fixture(autouse=True)
def _now() -> Any:
    with clock.at(NOW):
        yield


def away(cast: Cast, start: str = "2026-03-02 09:00", end: str = "2026-03-06 17:00") -> Absence:
    return staff.add_absence(cast.tess, starts_at=at(start), ends_at=at(end), reason="leave", by=cast.max)


def asked() -> list[tuple[str, str]]:
    """Who is asked what, of what is still open."""
    rows = Task.objects.filter(kind="visit_in_absence", done_at=None).order_by("due_on")
    return [(str(one.for_role), one.sentence) for one in rows]


def visit(cast: Cast, when: str = "2026-03-03 10:00", **more: Any) -> Booking:
    return book(cast, part(cast.tess, when), **more)


def test_each_visit_in_the_absence_is_a_task_of_the_front_desk(cast: Cast) -> None:
    visit(cast)
    visit(cast, "2026-03-09 10:00")  # after it
    book(cast, part(cast.theo, "2026-03-03 10:00"), patient=cast.ben)  # somebody else's
    away(cast)
    assert asked() == [("front_desk", "Tess is away on Tue Mar 3, 10:00 am: move the visit, or cancel it.")]
    page = client(cast.fran).get(reverse("inbox:tasks")).content.decode()
    assert "Tess is away on Tue Mar 3" in page


def test_moved_or_cancelled_it_is_done(cast: Cast) -> None:
    first, second = visit(cast), visit(cast, "2026-03-04 10:00")
    away(cast)
    actions.move(first, parts=[part(cast.tess, "2026-03-09 10:00")], by=cast.fran)
    actions.cancel(second, reason="clinician", by=cast.fran)
    assert asked() == []


def test_an_absence_that_is_taken_off_asks_nobody(cast: Cast) -> None:
    visit(cast)
    staff.remove_absence(away(cast), by=cast.max)
    assert asked() == []


def test_the_visit_itself_says_so(cast: Cast) -> None:
    booking = visit(cast)
    page = reverse("scheduling:visit", args=[cast.ana.pk, only(booking).pk])
    assert "is away then" not in client(cast.fran).get(page).content.decode()
    away(cast)
    assert "Tess is away then (leave). Move the visit, or cancel it." in client(cast.fran).get(page).content.decode()


def test_an_absence_in_the_past_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused, match="lies in the past"):
        away(cast, "2026-02-02 09:00", "2026-02-06 17:00")
