"""Where objectives stand: the latest score of the instrument, or the latest reading of a behaviour."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from clinic.refusal import Refused
from patients.measures.models import Score
from patients.plan import actions, queries
from patients.timeline.models import Entry
from tests.cast import Cast, at
from tests.patients.plan.plans import complete_draft, signed


def score(cast: Cast, total: int | None, day: str, **fields: Any) -> Score:
    moment = at(f"2026-{day} 09:00")
    return Score.objects.create(
        patient=fields.pop("patient", cast.ana), instrument="phq9", version="1", answered_at=moment, channel="desk",
        total=total, recorded_at=moment, **fields,
    )  # fmt: skip


def test_before_anything_is_known(cast: Cast) -> None:
    assert queries.objectives_now(cast.ana.pk) == []
    signed(cast)
    found = queries.objectives_now(cast.ana.pk)
    assert [(one.label, one.owner, one.start, one.now, one.aim) for one in found] == [
        ("1a", "both", Decimal(19), None, Decimal(5)),
        ("1b", "patient", Decimal(1), None, Decimal(5)),
    ]


def test_now_is_the_latest_score_that_counts(cast: Cast) -> None:
    signed(cast)
    score(cast, 12, "02-01")
    score(cast, 9, "02-20")
    score(cast, None, "02-25")  # not complete
    score(cast, 3, "02-26", retracted_at=at("2026-02-27 09:00"), retracted_by=cast.tess, retracted_reason="other chart")
    score(cast, 2, "02-27", patient=cast.ben)
    found = queries.objectives_now(cast.ana.pk)[0]
    assert (found.now, found.seen_on) == (Decimal(9), at("2026-02-20 09:00"))
    assert found.progress.fraction == 10 / 14


def test_now_is_the_latest_reading(cast: Cast) -> None:
    row = signed(cast).objective_rows.get(instrument="")
    actions.record_reading(row.objective, value=4, on=date(2026, 2, 20), by=cast.tess)
    actions.record_reading(row.objective, value=2, on=date(2026, 2, 10), by=cast.tess)
    found = queries.objectives_now(cast.ana.pk)[1]
    assert (found.now, found.seen_on) == (Decimal(4), date(2026, 2, 20))
    actions.record_reading(row.objective, value=5, on=date(2026, 2, 20), by=cast.priya)  # the right one of that day
    assert queries.objectives_now(cast.ana.pk)[1].progress.met


def test_a_reading_is_on_the_timeline(cast: Cast) -> None:
    row = signed(cast).objective_rows.get(instrument="")
    actions.record_reading(row.objective, value=4, on=date(2026, 2, 20), by=cast.tess)
    entry = Entry.objects.get(kind="record")
    assert (entry.series, entry.value, entry.unit, entry.label) == (
        f"objective:{row.objective_id}", Decimal(4), "mornings a week", "Up by eight",
    )  # fmt: skip
    assert entry.occurred_at == at("2026-02-20 12:00")


@pytest.mark.parametrize(
    ("value", "on", "sentence"),
    [
        (3, date(2026, 3, 3), "future"),
        (10**7, date(2026, 3, 1), "too large"),
        (Decimal("1.234"), date(2026, 3, 1), "Two"),
    ],
)
def test_a_reading_that_cannot_be(cast: Cast, value: Decimal, on: date, sentence: str) -> None:
    row = signed(cast).objective_rows.get(instrument="")
    with pytest.raises(Refused, match=sentence):
        actions.record_reading(row.objective, value=value, on=on, by=cast.tess)


def test_a_questionnaires_objective_takes_no_reading(cast: Cast) -> None:
    row = signed(cast).objective_rows.get(instrument="phq9")
    with pytest.raises(Refused, match="record its score"):
        actions.record_reading(row.objective, value=3, on=date(2026, 3, 1), by=cast.tess)


def test_queries_do_not_grow(cast: Cast, django_assert_num_queries: Any) -> None:
    signed(cast)
    with django_assert_num_queries(6):
        queries.objectives_now(cast.ana.pk)
    draft = actions.draft(cast.ana, by=cast.tess)
    for n in range(8):
        problem = actions.add_problem(draft, title=f"Problem {n}", by=cast.tess)
        actions.add_objective(problem, words="One", owner="both", instrument="gad7", by=cast.tess)
        actions.add_objective(problem, words="Two", owner="both", unit="a week", by=cast.tess)
    with django_assert_num_queries(4):
        queries.open_draft(cast.ana.pk)
    assert len(queries.objectives_now(cast.ana.pk, queries.open_draft(cast.ana.pk))) == 18


def test_a_draft_does_not_count(cast: Cast) -> None:
    complete_draft(cast)
    assert queries.objectives_now(cast.ana.pk) == []
