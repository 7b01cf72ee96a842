"""Events of a patient's life: entered once, drawn as flags, struck through when entered in error."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from clinic import clock
from clinic.refusal import Refused
from patients.chart import actions
from patients.chart.models import LifeEvent
from patients.timeline.models import Entry
from tests.cast import Cast, at, client
from tests.patients.chart.course import NOW

DAY = date(2026, 11, 12)


@pytest.fixture(autouse=True)
def _now() -> Any:
    with clock.at(at(NOW)):
        yield


def test_an_event_is_on_the_timeline_on_its_day(cast: Cast) -> None:
    event = actions.add_event(cast.ana, words="  back   at work ", on=DAY, by=cast.tess)
    entry = Entry.objects.get()
    assert (entry.kind, entry.label, entry.object_id, entry.by) == ("event", "back at work", event.pk, cast.tess)
    assert (entry.occurred_at, entry.recorded_at) == (at("2026-11-12 12:00"), at(NOW))


def test_today_is_not_drawn_in_the_future(cast: Cast) -> None:
    with clock.at(at("2026-11-23 08:00")):
        actions.add_event(cast.ana, words="moved", on=date(2026, 11, 23), by=cast.tess)
    assert Entry.objects.get().occurred_at == at("2026-11-23 08:00")


def test_a_repeated_submit_records_once(cast: Cast) -> None:
    key = uuid4()
    found = [actions.add_event(cast.ana, words="moved", on=DAY, event_id=key, by=cast.tess) for _ in range(2)]
    assert found[0] == found[1]
    assert Entry.objects.count() == 1
    with pytest.raises(Refused, match="used already"):
        actions.add_event(cast.ben, words="moved", on=DAY, event_id=key, by=cast.theo)


@pytest.mark.parametrize(
    ("words", "on", "field"),
    [
        ("", DAY, "words"), ("\u200b", DAY, "words"), ("x" * 121, DAY, "words"), ("a\x00b", DAY, "words"),
        ("moved", date(2026, 11, 24), "on"), ("moved", date(1990, 5, 16), "on"),
    ],
)  # fmt: skip
def test_what_is_refused(cast: Cast, words: str, on: date, field: str) -> None:
    with pytest.raises(Refused) as refused:
        actions.add_event(cast.ana, words=words, on=on, by=cast.tess)
    assert refused.value.field == field
    assert LifeEvent.objects.count() == 0


def test_an_event_in_error_leaves_the_timeline_and_stays_struck_through(cast: Cast) -> None:
    event = actions.add_event(cast.ana, words="moved", on=DAY, by=cast.tess)
    browser = client(cast.priya)
    address = reverse("chart:life_event", args=[cast.ana.pk, event.pk])
    assert browser.post(address, {"reason": ""}).status_code == 422
    assert browser.post(address, {"reason": "another patient's"}).status_code == 302
    assert Entry.objects.get().retracted_at == at(NOW)
    shown = browser.get(address).content.decode()
    assert 'class="struck">moved' in shown
    assert "another patient&#x27;s (Priya Raman, PMHNP" in shown
    assert browser.post(address, {"reason": "again"}).status_code == 422


@pytest.mark.parametrize(("who", "status"), [("tess", 200), ("sam", 404), ("theo", 404), ("fran", 404)])
def test_who_may_enter_an_event(cast: Cast, who: str, status: int) -> None:
    assert client(getattr(cast, who)).get(reverse("chart:event", args=[cast.ana.pk])).status_code == status


def test_a_supervisor_reads_an_event_and_marks_none(cast: Cast) -> None:
    event = actions.add_event(cast.ana, words="moved", on=DAY, by=cast.tess)
    address = reverse("chart:life_event", args=[cast.ana.pk, event.pk])
    assert client(cast.sam).get(address).status_code == 200
    assert client(cast.sam).post(address, {"reason": "x"}).status_code == 404
    assert client(cast.theo).get(reverse("chart:life_event", args=[cast.ben.pk, event.pk])).status_code == 404


@pytest.mark.parametrize("text", ["\x00", "\ud800", "a" * 100_000, "<script>alert(1)</script>", "9" * 300])
@pytest.mark.parametrize("name", ["words", "on", "key"])
def test_hostile_input(cast: Cast, name: str, text: str) -> None:
    sent = {"words": "moved", "on": "2026-11-12", "key": str(uuid4()), name: text}
    response = client(cast.tess).post(
        reverse("chart:event", args=[cast.ana.pk]), {k: v.encode("utf-8", "surrogatepass") for k, v in sent.items()}
    )
    assert response.status_code in (302, 400, 422)
    assert "<script>alert" not in response.content.decode()


BROKEN: dict[str, Callable[[LifeEvent], object]] = {
    "life_event_has_words": lambda event: LifeEvent.objects.filter(pk=event.pk).update(words=""),
    "life_event_retracted_whole": lambda event: LifeEvent.objects.filter(pk=event.pk).update(retracted_reason="x"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_constraint(cast: Cast, name: str) -> None:
    event = actions.add_event(cast.ana, words="moved", on=DAY, by=cast.tess)
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        BROKEN[name](event)
    assert error.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]
