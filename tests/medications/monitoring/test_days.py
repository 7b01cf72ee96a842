"""Due days against a slow, obvious simulation that walks day by day."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from medications.monitoring import calc
from medications.monitoring.calc import ALWAYS, Span
from tests.medications.monitoring.given import START, day

NUMBERS = st.integers(-120, 800)
RESULTS = st.lists(NUMBERS, max_size=8)


def walked(
    after: int, every: int | None, until: int | None, results: list[int], span: Span, lapsed: date
) -> date | None:  # fmt: skip
    """Walk from the anchor: each day that the rule names is a demand; a result meets it from the grace before it on."""
    early = min((every or after) // 7, 14)
    for number in range(3_000):
        on = START + timedelta(days=number)
        named = number == after if every is None else number >= after and (number - after) % every == 0
        if every is None and number == after and on < span.since:
            on, named = span.since, True
        if not named or (every is not None and until is not None and number > until):
            continue
        if not span.covers(on) or on < lapsed:
            continue
        if any(START + timedelta(days=taken) >= on - timedelta(days=early) for taken in results):
            continue
        return on
    return None


SPANS = st.builds(
    lambda since, length: Span(day(since), None if length is None else day(since + length)),
    st.integers(-100, 400), st.one_of(st.none(), st.integers(1, 500)),
)  # fmt: skip


@given(
    after=st.integers(0, 200), every=st.one_of(st.none(), st.integers(1, 180)),
    until=st.one_of(st.none(), st.integers(0, 900)), results=RESULTS, span=st.one_of(st.just(ALWAYS), SPANS),
    lapsed=st.one_of(st.just(date.min), NUMBERS.map(day)),
)  # fmt: skip
def test_a_grid_is_what_walking_day_by_day_finds(
    after: int, every: int | None, until: int | None, results: list[int], span: Span, lapsed: date
) -> None:
    last = day(max(results)) if results else None
    found = calc.on_a_grid(START, after, every, until, last=last, span=span, lapsed=lapsed)
    if every is None:
        until = None
    assert found == walked(after, every, until, results, span, lapsed)


@given(
    after=st.integers(1, 400),
    until=st.one_of(st.none(), st.integers(0, 900)),
    results=RESULTS,
    window=st.integers(0, 120),
)
def test_after_the_last_result_is_what_walking_finds(
    after: int, until: int | None, results: list[int], window: int
) -> None:
    """Walk: the clock is set at the start and at every result that counts; it rings `after` days later."""
    rings = after
    for number in range(-window, 900):
        if number in results:
            rings = number + after
    expected = None if until is not None and rings > until else day(rings)
    last = day(max(results)) if results else None
    assert calc.after_last(START, after, until, last=last, window=window, span=ALWAYS) == expected


@given(results=RESULTS, more=NUMBERS)
def test_one_more_result_never_makes_it_due_earlier(results: list[int], more: int) -> None:
    def due(taken: list[int]) -> date:
        last = day(max(taken)) if taken else None
        found = calc.on_a_grid(START, 7, 7, None, last=last, span=ALWAYS)
        assert found is not None
        return found

    assert due([*results, more]) >= due(results)
