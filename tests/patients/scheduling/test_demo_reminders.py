"""The demo's mailbox holds what patients would have received by now, each message at the time it was due."""

import pytest

from clinic import clock
from clinic.outbox.models import LocalDelivery, OutboxItem
from patients.scheduling.demo import send_reminders
from tests.cast import Cast, at
from tests.patients.scheduling.reminding import consent, visit

pytestmark = pytest.mark.django_db


def test_what_was_due_has_left_at_its_time_and_the_rest_waits(cast: Cast) -> None:
    consent(cast.ana)
    visit(cast)  # at 2:00 pm on March 12: reminders on March 9 and 11 at that hour
    with clock.at(at("2026-03-11 22:00")):
        send_reminders()
    left = [at_.astimezone(at("2026-03-09 14:00").tzinfo) for at_ in LocalDelivery.objects.values_list("at", flat=True)]
    assert sorted(left) == [at("2026-03-09 14:00"), at("2026-03-11 14:00")]
    assert [item.state for item in OutboxItem.objects.all()] == ["done", "done"]


def test_what_is_due_later_waits(cast: Cast) -> None:
    consent(cast.ana)
    visit(cast)
    with clock.at(at("2026-03-10 22:00")):
        send_reminders()
    assert sorted(OutboxItem.objects.values_list("state", flat=True)) == ["done", "due"]
    assert LocalDelivery.objects.count() == 1
