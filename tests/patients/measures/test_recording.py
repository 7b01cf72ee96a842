"""Recording a score: total, band, timeline, audit; missing items; what is refused (R-MB-02)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from clinic import clock
from clinic.audit.models import AuditEvent
from clinic.refusal import Refused
from clinic.rows import new_id
from patients.measures import queries
from patients.measures.models import Score
from patients.timeline.models import Entry
from tests.cast import Cast
from tests.patients.measures.given import NOW, gad7, phq9, scored


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.at(NOW):
        yield


def test_a_score_has_total_band_and_version(cast: Cast) -> None:
    score = scored(cast.ana, phq9(2), by=cast.tess)
    assert (score.total, score.band, score.alerts) == (16, "moderately severe", [])
    assert score.version == "US English, phqscreeners.com wording"


def test_a_missing_item_leaves_the_total_null(cast: Cast) -> None:
    """R-MB-02"""
    score = scored(cast.ana, [2, None, *[2] * 7, None], by=cast.tess)
    assert (score.total, score.band) == (None, "")


def test_the_timeline_says_the_same_as_the_score(cast: Cast) -> None:
    score = scored(cast.ana, gad7(2), instrument="gad7", by=cast.tess)
    entry = Entry.objects.get(object_id=score.pk)
    assert (entry.kind, entry.series, entry.label) == ("score", "gad7", "GAD-7 14, moderate")
    assert entry.value == 14
    assert (entry.occurred_at, entry.url_name) == (score.answered_at, "measures:score")


def test_without_a_total_the_timeline_says_how_many_are_open(cast: Cast) -> None:
    score = scored(cast.ana, [None, None, *[1] * 7, None], by=cast.tess)
    entry = Entry.objects.get(object_id=score.pk)
    assert (entry.value, entry.label) == (None, "PHQ-9, no total: 2 items not answered")


def test_recording_is_audited_without_a_word_of_it(cast: Cast) -> None:
    score = scored(cast.ana, phq9(), by=cast.tess)
    event = AuditEvent.objects.get(object_id=score.pk)
    assert (event.what, event.actor_id, event.detail) == ("measures.record", cast.tess.pk, {"instrument": "phq9"})


def test_a_repeated_submit_records_once(cast: Cast) -> None:
    key = new_id()
    first = scored(cast.ana, phq9(), by=cast.tess, score_id=key)
    again = scored(cast.ana, phq9(3), by=cast.tess, score_id=key)
    assert (first.pk, again.total, Score.objects.count()) == (again.pk, 8, 1)


def test_a_key_of_another_patients_score_is_refused(cast: Cast) -> None:
    key = new_id()
    scored(cast.ben, phq9(), by=cast.theo, score_id=key)
    with pytest.raises(Refused, match="used already"):
        scored(cast.ana, phq9(), by=cast.tess, score_id=key)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"instrument": "phq99"}, "There is no such questionnaire"),
        ({"instrument": "asq", "answers": [0] * 5}, "has no total"),
        ({"answers": [0] * 9}, "has 10 items"),
        ({"answers": [7] * 10}, "no such answer"),
        ({"answers": [None] * 10}, "Nothing is answered"),
        ({"at": NOW + timedelta(minutes=1)}, "from the future"),
    ],
)
def test_what_cannot_be_recorded(cast: Cast, change: dict[str, Any], sentence: str) -> None:
    given = {"answers": phq9(), **change}
    with pytest.raises(Refused, match=sentence):
        scored(cast.ana, given.pop("answers"), by=cast.tess, **given)
    assert Score.objects.count() == 0


def test_latest_and_series(cast: Cast) -> None:
    old = scored(cast.ana, phq9(2), by=cast.tess, at=NOW - timedelta(days=30))
    partial = scored(cast.ana, [None, *[1] * 8, None], by=cast.tess, at=NOW - timedelta(days=2))
    other = scored(cast.ana, gad7(), instrument="gad7", by=cast.tess)
    scored(cast.ben, phq9(), by=cast.theo)
    assert queries.latest(cast.ana.pk) == {"phq9": partial, "gad7": other}
    assert queries.series(cast.ana.pk, ["phq9", "gad7"]) == [old, other]
