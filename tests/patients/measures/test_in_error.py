"""A score entered in error leaves timeline and curves; its flag stays until somebody closes it (R-MB-07)."""

from collections.abc import Iterator

import pytest

from clinic import clock
from clinic.refusal import Refused
from patients.inbox.models import Task
from patients.measures import actions, queries
from patients.risk import actions as risk
from patients.risk.models import RiskFlag
from patients.timeline.models import Entry
from tests.cast import Cast
from tests.patients.measures.given import NOW, phq9, scored


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.at(NOW):
        yield


def test_it_leaves_timeline_latest_and_series(cast: Cast) -> None:
    score = actions.retract(scored(cast.ana, phq9(), by=cast.tess), reason="Ben's answers", by=cast.priya)
    assert (score.in_error, score.retracted_by, score.retracted_reason) == (True, cast.priya, "Ben's answers")
    assert Entry.objects.get(object_id=score.pk).retracted_at == NOW
    assert (queries.latest(cast.ana.pk), queries.series(cast.ana.pk, ["phq9"])) == ({}, [])
    assert queries.everything(cast.ana.pk) == [score]


def test_a_reason_is_needed(cast: Cast) -> None:
    with pytest.raises(Refused, match="Write why"):
        actions.retract(scored(cast.ana, phq9(), by=cast.tess), reason=" \u200b ", by=cast.tess)


def test_only_once(cast: Cast) -> None:
    score = actions.retract(scored(cast.ana, phq9(), by=cast.tess), reason="wrong", by=cast.tess)
    with pytest.raises(Refused, match="already"):
        actions.retract(score, reason="again", by=cast.tess)


def test_its_flag_stays_open_until_closed_as_in_error(cast: Cast) -> None:
    score = scored(cast.ana, phq9(item9=3), by=cast.tess)
    flag = RiskFlag.objects.get()
    with pytest.raises(Refused, match="answers still stand"):
        risk.close(flag, disposition="in_error", words="Not Ana's answers.", by=cast.tess)
    actions.retract(score, reason="Ben's answers", by=cast.tess)
    flag.refresh_from_db()
    assert flag.closed_at is None
    assert Task.objects.filter(kind="risk.flag", done_at=None).count() == 2
    assert Task.objects.filter(kind="measures.acknowledge", done_at=None).count() == 0
    closed = risk.close(flag, disposition="in_error", words="Not Ana's answers.", by=cast.tess)
    assert (closed.disposition, closed.closed_by) == ("in_error", cast.tess)
    assert Entry.objects.filter(object_id=flag.pk, retracted_at=None).count() == 0


def test_a_retracted_score_cannot_be_acknowledged(cast: Cast) -> None:
    score = actions.retract(scored(cast.ana, phq9(item9=3), by=cast.tess), reason="wrong", by=cast.tess)
    with pytest.raises(Refused, match="entered in error"):
        actions.acknowledge(score, by=cast.tess)
