"""An answer of the engine says how long it holds; until that day it is the same on each day, whoever the person is."""

from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medications.monitoring import engine, knowledge
from medications.monitoring.calc import Reading
from medications.monitoring.circumstances import KNOWN
from medications.monitoring.engine import Choices, Plan
from medications.monitoring.predicates import Course, Person, looked_at
from medications.safety import knowledge as drugs
from tests.medications.monitoring.given import START, course, day

DRUGS = sorted(name for name, one in drugs.current().drugs.items() if knowledge.current().of(one))
OFTEN = ["clozapine", "lithium", "valproate", "quetiapine"]  # of which most is asked
OTHERS = ["ibuprofen", "fluvoxamine", *DRUGS]
CODES = sorted(knowledge.current().codes())
PREFIXES = sorted({
    prefix for one in knowledge.current().predicates.values() for parts in one["test"].values() for part in parts
    for prefix in part.get("icd10_prefixes", [])
})  # fmt: skip
NUMBERS = st.integers(-500, 900)
DAYS = NUMBERS.map(day)
PLANS = [Plan(knowledge.current(), Choices(questions_block=blocks, optional=blocks)) for blocks in (False, True)]


def _after(start: date, count: int) -> date:
    return start + timedelta(days=count)


@st.composite
def courses(draw: Any) -> list[Course]:
    """One to four courses, changed, held, stopped, begun later, from elsewhere."""
    found = []
    for number in range(draw(st.integers(1, 4))):
        start = draw(DAYS)
        later = st.integers(0, 700).map(partial(_after, start))
        held = draw(st.lists(st.tuples(later, st.integers(1, 90)), max_size=2))
        found.append(
            course(
                draw(st.sampled_from(OFTEN) | st.sampled_from(OTHERS if number else DRUGS)), start, key=str(number),
                changes=tuple(sorted(draw(st.lists(later, max_size=3)))),
                holds=tuple((begun, begun + timedelta(days=count)) for begun, count in held),
                stopped=draw(st.one_of(st.none(), st.none(), later)), ours=number == 0 or draw(st.booleans()),
            )
        )  # fmt: skip
    return found


PEOPLE = st.builds(
    Person, born=st.dates(date(1930, 1, 1), date(2020, 12, 31)), sex=st.sampled_from(["female", "male", ""]),
    conditions=st.lists(st.tuples(st.sampled_from(PREFIXES), DAYS), max_size=4).map(tuple),
    answers=st.dictionaries(st.sampled_from(sorted(looked_at(knowledge.current()))), st.sampled_from(["yes", "no"])),
    flags=st.dictionaries(st.sampled_from(sorted(KNOWN)), DAYS, max_size=4),
)  # fmt: skip
READINGS = st.lists(
    st.builds(Reading, on=DAYS, value=st.one_of(st.none(), st.decimals(0, 4000, places=1))), min_size=1, max_size=5
).map(lambda rows: sorted(rows, key=lambda one: one.on))
RESULTS = st.dictionaries(st.sampled_from(CODES), READINGS, max_size=8)


@given(PEOPLE, courses(), RESULTS, st.sampled_from(PLANS), NUMBERS, st.data())
def test_until_the_day_it_names_the_answer_is_the_same(
    person: Person, taken: list[Course], results: dict[str, list[Reading]], plan: Plan, number: int, data: Any
) -> None:
    today = day(number)
    found, until = engine.look(person, taken, results, plan, today)
    assert today < until
    last = min((until - today).days - 1, 1_500)
    for ahead in {data.draw(st.integers(0, last), label="days ahead"), last}:
        assert engine.due(person, taken, results, plan, today + timedelta(days=ahead)) == found


@given(PEOPLE, courses(), RESULTS, NUMBERS)
def test_walking_by_the_days_they_name_meets_what_walking_each_day_does(
    person: Person, taken: list[Course], results: dict[str, list[Reading]], number: int
) -> None:
    """Walking from day to day by what each answer names meets everything that walking each day does."""
    plan, today = PLANS[0], day(number)
    walked: dict[date, Any] = {}
    found, until = engine.look(person, taken, results, plan, today)
    for ahead in range(60):
        if today + timedelta(days=ahead) >= until:
            found, until = engine.look(person, taken, results, plan, today + timedelta(days=ahead))
        walked[today + timedelta(days=ahead)] = found
    for on in (today + timedelta(days=ahead) for ahead in range(0, 60, 7)):
        assert walked[on] == engine.due(person, taken, results, plan, on)


LOW = {"751-8": [Reading(day(-40), Decimal(2500)), Reading(day(-10), Decimal(900))]}
EVERYTHING = {code: [Reading(day(0), Decimal(2500))] for code in CODES}
MAN = Person(date(1990, 5, 17), "male")
# What the passing of days alone changes: somebody, what they take, results, the day on which the answer turns.
TURNS: dict[str, tuple[Person, Course, dict[str, list[Reading]], date]] = {
    "it is stopped from a day on": (MAN, course("lithium", day(-300), stopped=day(20)), {}, day(20)),
    "a low count is followed for four weeks after the end": (
        MAN, course("clozapine", day(-90), stopped=day(-8)), LOW, day(20),
    ),
    "a long pause ends": (MAN, course("clozapine", day(-300), holds=((day(-60), day(20)),)), EVERYTHING, day(20)),
    "a signed change of dose begins": (MAN, course("lithium", day(-300), changes=(day(20),)), EVERYTHING, day(20)),
    "a rule begins that puts another out of force": (
        Person(date(1970, 3, 22), "male"), course("quetiapine", day(-400)), {"aims": [Reading(day(-360))]},
        date(2026, 3, 22),
    ),
    "something comes near enough": (
        MAN, course("quetiapine", day(0), stopped=None), EVERYTHING | {"aims": [Reading(day(55), Decimal(0))]}, day(20),
    ),
}  # fmt: skip


@pytest.mark.parametrize("why", sorted(TURNS))
def test_an_answer_ends_on_the_day_on_which(why: str) -> None:
    person, taken, results, turn = TURNS[why]
    before, at = (engine.due(person, [taken], results, PLANS[0], on) for on in (turn - timedelta(days=1), turn))
    assert before != at
    today = day(0)
    while (until := engine.look(person, [taken], results, PLANS[0], today)[1]) < turn:
        today = until
    assert until == turn


def test_a_question_that_is_asked_again_is_looked_at_the_day_it_is_moot() -> None:
    """Lithium's questions: nobody looks each night, but the day after the last on which one stands."""
    taken = [course("lithium")]
    found, until = engine.look(Person(date(1990, 5, 17), "male"), taken, {}, PLANS[0], START)
    assert until > day(1)
    assert engine.due(Person(date(1990, 5, 17), "male"), taken, {}, PLANS[0], until) != found
