"""What came in since a moment, and what is drawn from a day on: the right rows, in one index scan each."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection

from clinic import clock
from patients.timeline import actions, queries
from patients.timeline.enums import EntryKind
from patients.timeline.models import Entry
from tests.cast import Cast, at

pytestmark = pytest.mark.django_db
MARCH = date(2026, 3, 1)


def note(cast: Cast, label: str, when: datetime, *, kind: EntryKind = EntryKind.SESSION, **fields: object) -> Entry:
    return actions.note(cast.ana.pk, kind, on=cast.ana, occurred_at=when, label=label, by=cast.tess, **fields)  # type: ignore[arg-type]


def labels(rows: object) -> list[str]:
    return [entry.label for entry in rows]  # type: ignore[attr-defined]


def test_since_asks_when_it_was_recorded(cast: Cast) -> None:
    with clock.at(at("2026-03-10 09:00")):
        note(cast, "known", at("2026-03-09 09:00"))
    with clock.at(at("2026-03-12 09:00")):
        note(cast, "late news of an old day", at("2026-01-05 09:00"))
    with clock.at(at("2026-03-13 09:00")):
        note(cast, "new", at("2026-03-13 08:00"))
    assert labels(queries.since(cast.ana.pk, at("2026-03-11 09:00"))) == ["late news of an old day", "new"]


def test_since_leaves_out_what_is_in_error_and_other_patients(cast: Cast) -> None:
    note(cast, "wrong", at("2026-03-10 09:00"))
    actions.retract(cast.ana)
    actions.note(
        cast.ben.pk, EntryKind.SESSION, on=cast.ben, occurred_at=at("2026-03-10 09:00"), label="Ben's", by=None
    )
    assert labels(queries.since(cast.ana.pk, at("2020-01-01 09:00"))) == []


def test_drawn_shows_what_reaches_into_the_picture(cast: Cast) -> None:
    note(cast, "before", at("2026-02-10 09:00"))
    note(cast, "open dose", at("2025-02-10 09:00"), kind=EntryKind.DOSE)
    note(cast, "ended dose", at("2025-03-10 09:00"), kind=EntryKind.DOSE, until=at("2026-02-01 09:00"))
    note(cast, "dose that ends inside", at("2025-04-10 09:00"), kind=EntryKind.DOSE, until=at("2026-03-05 09:00"))
    note(cast, "the first minute", at("2026-03-01 00:00"))
    note(cast, "inside", at("2026-03-10 09:00"))
    assert labels(queries.drawn(cast.ana.pk, MARCH)) == [
        "open dose", "dose that ends inside", "the first minute", "inside",
    ]  # fmt: skip


@pytest.mark.parametrize("which", ["since", "drawn"])
def test_one_index_scan(cast: Cast, which: str) -> None:
    start = at("2016-03-01 09:00")
    Entry.objects.bulk_create(
        Entry(
            patient=(cast.ana, cast.ben, cast.cleo)[n % 3], kind="session", occurred_at=start + timedelta(days=n),
            recorded_at=start + timedelta(days=n), label="x", object_kind="x", object_id=cast.ana.pk,
        )
        for n in range(3_000)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE patients_timeline_entry")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
    rows = queries.since(cast.ana.pk, at("2024-03-01 09:00")) if which == "since" else queries.drawn(cast.ana.pk, MARCH)
    plan = rows.select_related(None).explain()
    assert plan.count("Scan") == 1
    assert "Index Scan using timeline_" in plan
