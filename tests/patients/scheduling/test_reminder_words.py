"""What a reminder says (R-RE-01, R-RE-04) and what means STOP (R-RE-03)."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.scheduling import wording

PACIFIC = ZoneInfo("America/Los_Angeles")
VISIT = datetime(2026, 11, 30, 14, 0, tzinfo=PACIFIC)
PHONE = "503-555-0190"


def reminder(name: str, *visits: datetime, practice: str = "Juniper Tide") -> str:
    return wording.reminder_text(practice, name, visits or [VISIT], PHONE)


def test_r_re_01_says_this_and_nothing_else() -> None:
    assert reminder("Josie") == (
        "Juniper Tide: Josie, see you Mon Nov 30, 2:00 pm. To change it, call 503-555-0190. STOP to opt out."
    )


def test_r_re_04_visits_of_one_day_are_one_message() -> None:
    later = VISIT + timedelta(minutes=50)
    assert reminder("Josie", later, VISIT, VISIT) == (
        "Juniper Tide: Josie, see you Mon Nov 30, 2:00 pm and 2:50 pm. To change it, call 503-555-0190. "
        "STOP to opt out."
    )


def test_many_visits_are_counted() -> None:
    visits = [VISIT - timedelta(minutes=n * 55) for n in range(7)]
    assert "Mon Nov 30, 8:30 am and 6 more. To" in reminder("Josie", *visits)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("x" * 200, f"Juniper Tide: {'x' * 65}…, see you Mon Nov 30"),
        ("María del Pilar", "Juniper Tide: María del Pilar, see you"),
        ("", "Juniper Tide: see you Mon Nov 30"),
        ("  \u200f ", "Juniper Tide: see you"),
        ("Jo\nsie\u202e", "Juniper Tide: Jo sie, see you"),
        ("שרה", "Juniper Tide: שרה, see you"),
        ("e\u0301" * 100, "Juniper Tide: " + "e\u0301" * 32 + "…, see you"),
    ],
)
def test_r_re_04_long_and_strange_names(name: str, said: str) -> None:
    text = reminder(name)
    assert text.startswith(said)
    assert text.endswith("To change it, call 503-555-0190. STOP to opt out.")
    assert len(text) <= 160


@given(
    st.text(max_size=250),
    st.text(min_size=1, max_size=60),
    st.lists(st.integers(0, 20), min_size=1, max_size=9),
)
def test_r_re_04_never_more_than_160_characters(name: str, practice: str, quarters: list[int]) -> None:
    visits = [VISIT - timedelta(minutes=15 * n) for n in quarters]
    text = reminder(name, *visits, practice=practice)
    assert len(text) <= 160
    assert text.endswith("STOP to opt out.")
    assert text.isprintable()


def test_a_reminder_needs_the_visits_of_one_day() -> None:
    for visits in ([], [VISIT, VISIT + timedelta(days=1)]):
        with pytest.raises(ValueError, match="one day"):
            wording.reminder_text("Juniper Tide", "Josie", visits, PHONE)


def test_days_and_times_in_words() -> None:
    assert wording.day_words(VISIT.date()) == "Mon Nov 30"
    assert wording.day_words(datetime(2026, 6, 1).date()) == "Mon Jun 1"
    assert [wording.time_words(t) for t in (time(0, 5), time(9), time(12), time(12, 30), time(23, 59))] == [
        "12:05 am", "9:00 am", "12:00 pm", "12:30 pm", "11:59 pm",
    ]  # fmt: skip
    assert wording.range_words(time(14), time(14, 45)) == "2:00–2:45"


STOPS = """
STOP
stop
 Stop.
STOP!!!
S\u200bTOP
stop please
please stop
STOPALL
Stop all
QUIT
end
Revoke
OPT OUT
opt-out
optout
Opt me out
CANCEL
unsubscribe
please unsubscribe me from this
stop texting me
Stop sending me messages
please don't text me anymore
do not contact me
Don’t text this number again
I don't want to get these messages
I do not want any more reminders
I no longer wish to receive text messages
no more texts
No more
never text me again
don't send me any more texts
remove me
remove me from your list
take me off your list
take my number off this
leave me alone
wrong number
You have the wrong person
I revoke my consent
quit messaging me
cancel all texts
end these messages
I want to stop
🛑
ALTO
no más mensajes
no me escriba más
""".strip("\n").split("\n")

GOES_ON = """
yes
OK see you then
I'll stop by at 3
can you stop by the desk and text me
need to cancel my appointment tomorrow
can we move it to the end of the day
I never got your text
please do not forget to text me the address
don't stop texting me
don't send the form yet
is it at the bus stop on Elm
running late
thanks for the reminder
no more than one text a day please
what is the end time
take me to the front desk

?
""".strip("\n").split("\n")


@pytest.mark.parametrize("text", STOPS)
def test_r_re_03_any_reasonable_wording_is_a_stop(text: str) -> None:
    assert wording.is_stop(text)


@pytest.mark.parametrize("text", GOES_ON)
def test_r_re_03_what_is_no_stop(text: str) -> None:
    assert not wording.is_stop(text)


@given(st.text(max_size=300))
def test_any_text_gets_an_answer(text: str) -> None:
    assert wording.is_stop(text) in (True, False)
