"""When a reminder leaves (R-RE-05): the patient's zone, the window, quiet hours, earlier rather than later."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.scheduling import calc
from patients.scheduling.calc import Sending

PACIFIC = ZoneInfo("America/Los_Angeles")
MOVED = "Moved earlier, out of the hours without messages."


def at(text: str, zone: ZoneInfo = PACIFIC) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def sent(starts: str, days: int, zone: ZoneInfo = PACIFIC, **options: object) -> Sending:
    return calc.send_at(at(starts, zone), days, zone, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("starts", "days", "leaves", "why"),
    [
        ("2026-11-24 14:00", 1, "2026-11-23 14:00", ""),
        ("2026-11-24 14:00", 3, "2026-11-21 14:00", ""),
        ("2026-11-24 07:30", 1, "2026-11-22 20:30", MOVED),
        ("2026-11-24 21:30", 1, "2026-11-23 20:30", MOVED),
        ("2026-11-24 20:30", 1, "2026-11-23 20:30", ""),
        ("2026-11-24 08:00", 1, "2026-11-23 08:00", ""),
        # across the end and the beginning of summer time the local time of day stays
        ("2026-11-01 14:00", 1, "2026-10-31 14:00", ""),
        ("2026-11-02 14:00", 3, "2026-10-30 14:00", ""),
        ("2026-03-08 14:00", 1, "2026-03-07 14:00", ""),
        ("2026-03-09 07:00", 1, "2026-03-07 20:30", MOVED),
    ],
)
def test_r_re_05_the_same_time_of_day_or_earlier(starts: str, days: int, leaves: str, why: str) -> None:
    assert sent(starts, days) == Sending(at(leaves), why)


def test_r_re_05_the_patients_zone_counts_not_the_sites() -> None:
    visit = at("2026-11-24 08:00")  # six o’clock in Honolulu
    assert calc.send_at(visit, 1, ZoneInfo("Pacific/Honolulu")) == Sending(
        at("2026-11-22 20:30", ZoneInfo("Pacific/Honolulu")), MOVED
    )


@pytest.mark.parametrize(
    ("quiet", "leaves"),
    [
        ((time(21), time(8)), "2026-11-23 14:00"),
        ((time(12), time(16)), "2026-11-23 11:30"),
        ((time(13), time(7)), "2026-11-23 12:30"),
        ((time(8), time(16)), "2026-11-22 20:30"),
        ((time(16), time(15)), "2026-11-22 15:30"),
    ],
)
def test_quiet_hours_move_it_earlier(quiet: tuple[time, time], leaves: str) -> None:
    assert sent("2026-11-24 14:00", 1, quiet=quiet).at == at(leaves)


def test_quiet_all_day_drops_it() -> None:
    assert sent("2026-11-24 14:00", 1, quiet=(time(7), time(22))) == Sending(
        None, "The quiet hours leave no time for messages."
    )


def test_a_narrower_window() -> None:
    assert sent("2026-11-24 14:00", 1, window=(time(9), time(12))).at == at("2026-11-23 11:30")


def test_what_has_gone_by_is_dropped() -> None:
    now = at("2026-11-23 14:01")
    assert sent("2026-11-24 14:00", 1, now=now) == Sending(
        None, "The time for this message had gone by when it was planned."
    )
    assert sent("2026-11-24 14:00", 1, now=at("2026-11-23 14:00")).at == at("2026-11-23 14:00")


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),
    st.integers(0, 30),
    st.sampled_from(["America/Los_Angeles", "America/Phoenix", "Pacific/Honolulu", "America/St_Johns", "Asia/Beirut"]),
    st.none() | st.tuples(st.times(), st.times()),
)
def test_r_re_05_never_later_never_outside(
    visit: datetime, days: int, name: str, quiet: tuple[time, time] | None
) -> None:
    zone = ZoneInfo(name)
    moment = visit.replace(tzinfo=UTC)
    found = calc.send_at(moment, days, zone, quiet=quiet)
    if found.at is None:
        assert not any(calc.may_send(moment + timedelta(minutes=n), zone, quiet=quiet) for n in range(0, 24 * 60, 97))
        return
    local = moment.astimezone(zone)
    assert found.at <= datetime.combine(local.date() - timedelta(days=days), local.time(), zone).astimezone(UTC)
    assert calc.may_send(found.at, zone, quiet=quiet)
    assert time(8) <= found.at.astimezone(zone).time() < time(21)


@pytest.mark.parametrize(
    ("now", "may"),
    [("2026-11-23 07:59", False), ("2026-11-23 08:00", True), ("2026-11-23 20:59", True), ("2026-11-23 21:00", False)],
)
def test_r_re_05_asked_again_when_sent(now: str, may: bool) -> None:
    assert calc.may_send(at(now), PACIFIC) is may
