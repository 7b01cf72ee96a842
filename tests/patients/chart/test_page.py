"""The chart's page: who may open it, what it holds, windows, hostile addresses, and ten years at the cost of one."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic import clock
from patients.chart import page, queries
from patients.inbox import actions as inbox
from patients.record import actions as record
from patients.timeline.enums import EntryKind
from patients.timeline.models import Entry
from tests.cast import Cast, at, client
from tests.patients.chart.course import NOW, entry, josie, score


@pytest.fixture(autouse=True)
def _now() -> Any:
    with clock.at(at(NOW)):
        yield


def address(patient: Any, window: str = "") -> str:
    return reverse("chart:chart", args=[patient.pk]) + (f"?window={window}" if window else "")


@pytest.mark.parametrize(
    ("who", "status"),
    [("tess", 200), ("priya", 200), ("sam", 200), ("theo", 404), ("fran", 404), ("max", 404), ("olga", 404)],
)
def test_who_may_open_the_chart(cast: Cast, who: str, status: int) -> None:
    josie(cast)
    response = client(getattr(cast, who)).get(address(cast.ana))
    assert response.status_code == status
    assert (b"sertraline" in response.content.lower()) == (status == 200)


def test_nobody_is_on_cleos_team(cast: Cast) -> None:
    assert client(cast.tess).get(address(cast.cleo)).status_code == 404
    assert client(cast.tess).get(reverse("chart:chart", args=[uuid4()])).status_code == 404


def test_somebody_new_has_an_empty_chart(cast: Cast) -> None:
    shown = client(cast.tess).get(address(cast.ana)).content.decode()
    assert "Nothing was recorded since" in shown
    assert "The picture begins with the first of them" in shown
    assert "Nothing waits for you here." in shown


@pytest.mark.parametrize("window", ["30", "90", "episode", "all", "", "x", "9" * 500, "../", "-1"])
def test_windows(cast: Cast, window: str) -> None:
    josie(cast)
    response = client(cast.tess).get(address(cast.ana, window))
    assert response.status_code == 200
    wanted = {"30": "30 days", "90": "90 days", "all": "all"}.get(window, "episode")
    assert f'<b aria-current="true">{wanted}</b>' in response.content.decode()


def test_a_window_shows_its_part_only(cast: Cast) -> None:
    josie(cast)
    found = queries.Since(at("2026-11-09 14:45"), "visit")
    days = {
        key: page.picture(cast.ana, found, key, queries.episode_start(cast.ana.pk, clock.now()), {}).rows
        for key in ("30", "90", "episode", "all")
    }
    assert days["30"] < days["90"] < days["episode"] <= days["all"]


def test_the_dose_that_runs_when_the_window_begins_is_drawn(cast: Cast) -> None:
    entry(cast.ana, EntryKind.DOSE, "2024-03-01 10:00", series="lithium", value=900, unit="mg")
    entry(cast.ana, EntryKind.DOSE, "2024-03-01 10:00", series="aripiprazole", value=5, unit="mg",
          until=at("2024-06-01 10:00"))  # fmt: skip
    found = page.picture(cast.ana, queries.Since(at(NOW), "visit"), "30", None, {})
    assert "Lithium" in found.wide
    assert "900\u00a0mg now" in found.wide
    assert "Aripiprazole" not in found.wide


def test_tasks_of_the_viewer_for_this_patient(cast: Cast) -> None:
    inbox.ask("x", sentence="Mine", purpose="1", patient_id=cast.ana.pk, users=[cast.tess], by=None)
    inbox.ask("x", sentence="Hers", purpose="2", patient_id=cast.ana.pk, users=[cast.priya], by=None)
    inbox.ask("x", sentence="Of Ben", purpose="3", patient_id=cast.ben.pk, users=[cast.tess], by=None)
    far = (at(NOW) + timedelta(days=60)).date()
    inbox.ask("x", sentence="Far", purpose="4", patient_id=cast.ana.pk, users=[cast.tess], due_on=far, by=None)
    assert [row["task"].sentence for row in page.tasks(cast.tess, cast.ana)] == ["Mine"]


def test_the_shade_says_since_when_it_is_new_to_the_viewer(cast: Cast) -> None:
    josie(cast)
    assert "since you last saw" in str(client(cast.tess).get(address(cast.ana)).content)
    record.open_in_emergency(cast.ana, reason="Called in crisis, nobody else is here", by=cast.theo)
    never = client(cast.theo).get(address(cast.ana)).content.decode()
    assert ("the last 30 days" in never, "since you last saw" in never) == (True, False)


@pytest.mark.parametrize(
    ("pronouns", "said"),
    [("she/her", "her"), ("He/Him", "him"), ("they/them", "them"), ("", "them"), ("xe/xem", "them"), ("/", "them")],
)
def test_how_the_patient_is_spoken_of(cast: Cast, pronouns: str, said: str) -> None:
    cast.ana.pronouns = pronouns
    assert page.whom(cast.ana) == said


def test_words_of_the_chart_are_escaped(cast: Cast) -> None:
    nasty = "<script>alert(1)</script>"
    entry(cast.ana, EntryKind.EVENT, "2026-11-12 12:00", label=nasty)
    entry(cast.ana, EntryKind.DOSE, "2026-11-12 12:00", series=nasty, value=5, unit="<b>")
    shown = client(cast.tess).get(address(cast.ana, "30")).content.decode()
    assert "<script>alert" not in shown
    assert "<b>mg" not in shown
    assert "&lt;script&gt;" in shown


def ten_years(cast: Cast) -> None:
    """Weekly sessions, scores every two weeks, a dose change every other month."""
    rows = []
    for week in range(520):
        when = at(NOW) - timedelta(days=7 * week + 1)
        common: dict[str, Any] = {"patient": cast.ana, "occurred_at": when, "recorded_at": when, "object_kind": "test"}
        rows.append(Entry(kind="session", label="work", object_id=uuid4(), by=cast.tess, **common))
        if week % 2 == 0:
            for key in ("phq9", "gad7"):
                rows.append(Entry(kind="score", series=key, value=week % 20, label=key, object_id=uuid4(), **common))
        if week % 8 == 0:
            until = None if week == 0 else when + timedelta(days=56)
            rows.append(
                Entry(kind="dose", series="sertraline", value=50 + week % 100, unit="mg", label="dose",
                      object_id=uuid4(), until=until, **common)
            )  # fmt: skip
    Entry.objects.bulk_create(rows)
    score(cast.ana, "phq9", 10, at(NOW) - timedelta(days=2))


def cost(cast: Cast, window: str = "") -> int:
    browser = client(cast.tess)
    browser.get(address(cast.ana, window))
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(address(cast.ana, window)).status_code == 200
    return sum("django_session" not in query["sql"] and "SAVEPOINT" not in query["sql"] for query in captured)


@pytest.mark.parametrize("window", ["", "90", "all"])
def test_ten_years_take_as_many_queries_as_one_course(cast: Cast, window: str) -> None:
    josie(cast)
    short = cost(cast, window)
    ten_years(cast)
    assert cost(cast, window) == short


def test_the_charts_own_queries(cast: Cast, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "load", lambda port: ())
    josie(cast)
    ten_years(cast)
    found = queries.since(cast.tess, cast.ana.pk)
    with django_assert_num_queries(1):
        episode = queries.episode_start(cast.ana.pk, clock.now())
    with django_assert_num_queries(3):
        page.lines_since(cast.ana, cast.tess, found, {})
    with django_assert_num_queries(1):
        page.picture(cast.ana, found, "", episode, {})


def test_ten_years_begin_with_the_newest_90_days(cast: Cast) -> None:
    ten_years(cast)
    episode = queries.episode_start(cast.ana.pk, clock.now())
    assert episode is None
    found = page.picture(cast.ana, queries.Since(at(NOW), "visit"), "", episode, {})
    assert found.window == "90"
    assert found.rows < 40
    whole = page.picture(cast.ana, queries.Since(at(NOW), "visit"), "episode", episode, {})
    assert whole.start < at("2017-01-01 00:00")


@pytest.mark.parametrize(("days", "window"), [(560, "episode"), (600, "90")])
def test_a_course_of_eighteen_months_opens_whole(cast: Cast, days: int, window: str) -> None:
    for ago in range(days, 0, -100):
        entry(cast.ana, EntryKind.SESSION, f"{at(NOW) - timedelta(days=ago):%Y-%m-%d} 09:00")
    episode = queries.episode_start(cast.ana.pk, clock.now())
    assert queries.window(cast.ana.pk, "", clock.now(), episode).key == window


def test_an_episode_begins_after_half_a_year_of_silence(cast: Cast) -> None:
    for when in ("2025-02-01 09:00", "2025-03-01 09:00", "2026-09-10 09:00", "2026-11-01 09:00"):
        entry(cast.ana, EntryKind.SESSION, when)
    assert queries.episode_start(cast.ana.pk, clock.now()) == at("2026-09-10 09:00")


def test_one_reading_is_one_audit_row(cast: Cast) -> None:
    from clinic.audit.models import AuditEvent

    client(cast.tess).get(address(cast.ana))
    event = AuditEvent.objects.get(kind="read")
    assert (event.actor_id, event.patient_id, event.page) == (cast.tess.pk, cast.ana.pk, "chart:chart")
