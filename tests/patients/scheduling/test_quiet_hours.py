"""The patient's own quiet hours, in their own zone, over midnight too (R-RE-05): reminders move earlier, notes wait."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic import clock
from clinic.outbox.models import OutboxItem
from clinic.refusal import Refused
from patients.record import actions as record
from patients.record.models import Patient
from patients.scheduling.calc import may_send, next_allowed
from patients.scheduling.messages import send_note
from tests.cast import Cast, at
from tests.patients.scheduling.booking import book, part
from tests.refused import refused_by

BOISE = ZoneInfo("America/Boise")
TIMES = st.times().map(lambda value: value.replace(second=0, microsecond=0))


def _quiet(cast: Cast, first: time, last: time) -> Patient:
    return record.change(cast.ana, quiet_from=first, quiet_until=last, by=cast.fran)


def test_a_reminder_moves_before_the_quiet_hours_r_re_05(cast: Cast) -> None:
    with clock.at(at("2026-03-02 09:00")):
        record.choose_channel(cast.ana, channel="text", by=cast.fran)
        ana = _quiet(cast, time(13), time(20))
        book(cast, part(cast.tess, "2026-03-12 14:00"), patient=ana)
    due = [item.due_at.astimezone(cast.site.zone) for item in OutboxItem.objects.order_by("due_at")]
    assert [(moment.day, moment.hour < 13) for moment in due] == [(9, True), (11, True)]


def test_a_note_waits_for_the_end_of_the_quiet_hours(cast: Cast) -> None:
    with clock.at(at("2026-03-02 14:00")):
        record.choose_channel(cast.ana, channel="text", by=cast.fran)
        item = send_note(_quiet(cast, time(13), time(17)), key="x", by=cast.priya)
    assert item.due_at == at("2026-03-02 17:00")


def test_half_of_quiet_hours_is_refused_by_form_and_database(cast: Cast) -> None:
    with pytest.raises(Refused, match="a beginning and an end"):
        record.change(cast.ana, quiet_from=time(21), quiet_until=None, by=cast.fran)
    with refused_by("patient_quiet_hours_whole"):
        Patient.objects.filter(pk=cast.ana.pk).update(quiet_from=time(21))


@given(st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)), TIMES, TIMES)
def test_the_next_allowed_moment_is_allowed_and_after(now: datetime, first: time, last: time) -> None:
    """Also on the days on which the clocks change."""
    moment, quiet = now.replace(tzinfo=UTC), (first, last)
    found = next_allowed(moment, BOISE, quiet=quiet)
    assert moment < found <= moment + timedelta(days=2)
    if found != moment + timedelta(days=1):
        assert may_send(found, BOISE, quiet=quiet)
