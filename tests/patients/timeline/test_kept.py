"""The timeline's rows: only their end and their retraction may be set, and nothing is ever deleted."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import InternalError, connection, transaction
from django.db.models import F

from patients.timeline import actions
from patients.timeline.enums import EntryKind
from patients.timeline.models import Entry
from tests.cast import Cast, at
from tests.refused import refused_by

pytestmark = pytest.mark.django_db
NOON = at("2026-03-02 12:00")


@pytest.fixture
def entry(cast: Cast) -> Entry:
    return actions.note(
        cast.ana.pk, EntryKind.DOSE, on=cast.ana, occurred_at=NOON, label="a dose", by=cast.priya, series="x", value=50
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("label", "another"), ("value", 75), ("unit", "mg"), ("occurred_at", NOON + timedelta(days=1)),
        ("kind", "score"),
        ("recorded_at", NOON), ("series", "y"), ("url_name", "x:y"), ("object_kind", "x"), ("by", None),
    ],
)  # fmt: skip
def test_what_was_written_stays(entry: Entry, field: str, value: Any) -> None:
    with pytest.raises(InternalError, match="Cannot update"), transaction.atomic():
        Entry.objects.filter(pk=entry.pk).update(**{field: value})


def test_nothing_is_deleted(entry: Entry) -> None:
    with pytest.raises(InternalError, match="Cannot delete"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM patients_timeline_entry")


def test_the_end_and_the_retraction_may_be_set(cast: Cast, entry: Entry) -> None:
    actions.close(cast.ana, until=NOON + timedelta(days=3))
    actions.retract(cast.ana)
    row = Entry.objects.get()
    assert (row.until, row.retracted_at is not None) == (NOON + timedelta(days=3), True)


def test_an_end_before_the_beginning_is_the_beginning(cast: Cast, entry: Entry) -> None:
    actions.close(cast.ana, until=NOON - timedelta(days=3))
    assert Entry.objects.get().until == NOON


def test_what_is_in_error_stays_in_error(cast: Cast, entry: Entry) -> None:
    actions.retract(cast.ana)
    with pytest.raises(InternalError, match="Cannot update"), transaction.atomic():
        Entry.objects.filter(pk=entry.pk).update(retracted_at=None)


def test_the_database_knows_the_kinds_and_the_order_of_times(entry: Entry, cast: Cast) -> None:
    with refused_by("timeline_kind_known"):
        actions.note(cast.ana.pk, "gossip", on=cast.ana, occurred_at=NOON, label="x", by=None)  # type: ignore[arg-type]
    with refused_by("timeline_until_after_start"):
        Entry.objects.filter(pk=entry.pk).update(until=F("occurred_at") - timedelta(seconds=1))
