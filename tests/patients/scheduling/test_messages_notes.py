"""“We have news for you”: neutral, once per key, in the hours, inside the limits (R-RE-01, R-RE-04, R-RE-05)."""

from datetime import timedelta

import pytest

from clinic import clock
from clinic.outbox.models import OutboxItem
from patients.scheduling.calc import next_allowed
from patients.scheduling.reminders import send_note
from tests.cast import Cast, at
from tests.patients.scheduling.reminding import consent, outcomes, run, visit

pytestmark = pytest.mark.django_db
WORDS = "Alder Street: Annie, we have news for you. Call 503-555-0100. STOP to opt out."
NOON = at("2026-03-09 12:00")


def test_neutral_words_r_re_01(cast: Cast) -> None:
    consent(cast.ana)
    with clock.at(NOON):
        send_note(cast.ana, key="refill:1", by=cast.priya)
    assert run(NOON) == [WORDS]


def test_once_per_key(cast: Cast) -> None:
    consent(cast.ana)
    with clock.at(NOON):
        first, second = (send_note(cast.ana, key="refill:1", by=cast.priya) for _ in range(2))
    assert first.pk == second.pk
    assert len(run(NOON)) == 1


def test_several_that_wait_are_one_message(cast: Cast) -> None:
    consent(cast.ana)
    with clock.at(NOON):
        for number in range(3):
            send_note(cast.ana, key=f"refill:{number}", by=cast.priya)
    assert run(NOON) == [WORDS]
    assert sorted(outcomes()) == [("done", ""), *[("dropped", "merged into another message")] * 2]


@pytest.mark.parametrize(
    ("asked", "leaves"),
    [
        ("2026-03-09 22:00", "2026-03-10 08:00"), ("2026-03-09 05:00", "2026-03-09 08:00"),
        ("2026-03-07 23:00", "2026-03-08 08:00"),
    ],
)  # fmt: skip
def test_at_night_it_waits_for_the_morning_r_re_05(cast: Cast, asked: str, leaves: str) -> None:
    with clock.at(at(asked)):
        assert send_note(cast.ana, key="a", by=None).due_at == at(leaves)


def test_due_at_night_after_all_it_waits_too_r_re_05(cast: Cast) -> None:
    consent(cast.ana)
    with clock.at(NOON):
        send_note(cast.ana, key="a", by=None)
    assert run("2026-03-09 22:00") == []
    assert OutboxItem.objects.get().due_at == at("2026-03-10 08:00")


def test_nobody_without_consent_r_re_02(cast: Cast) -> None:
    with clock.at(NOON):
        send_note(cast.ana, key="a", by=None)
    assert run(NOON) == []
    assert outcomes() == [("dropped", "the patient gets no messages")]


def test_a_note_after_a_reminder_waits_for_the_next_day_r_re_04(cast: Cast) -> None:
    consent(cast.ana)
    visit(cast, "2026-03-10 11:00")
    assert len(run("2026-03-09 11:00")) == 1
    with clock.at(NOON):
        send_note(cast.ana, key="a", by=None)
    assert run(NOON) == []
    assert run("2026-03-10 08:00") == [WORDS]


def test_a_note_is_not_held_back_longer_than_two_days_r_re_04(cast: Cast) -> None:
    consent(cast.ana)
    for day in (4, 5, 6):
        with clock.at(at(f"2026-03-0{day} 12:00")):
            send_note(cast.ana, key=f"d{day}", by=None)
        assert len(run(f"2026-03-0{day} 12:00")) == 1
    with clock.at(at("2026-03-07 12:00")):
        send_note(cast.ana, key="d7", by=None)
    assert run("2026-03-07 12:00") == [WORDS]  # the next free day would be the 11th


def test_the_next_morning_where_the_patient_lives(cast: Cast) -> None:
    hours = (at("2026-03-09 08:00").time(), at("2026-03-09 21:00").time())
    assert next_allowed(NOON + timedelta(hours=10), cast.ana.zone, window=hours) == at("2026-03-10 08:00")
