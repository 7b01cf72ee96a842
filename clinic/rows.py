"""What every row shares: a UUIDv7 key, made in Python so that it is known before the row is saved."""

from collections.abc import Iterable
from uuid import UUID

from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField, RangeBoundary
from django.db import models
from django.db.models import Func
from django.db.models.expressions import RawSQL
from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A new key: sorted by time, not guessable, movable between databases."""
    return uuid7()


def these(keys: Iterable[UUID | str]) -> RawSQL:
    """Keys as one value of a query, for `field__in`: a thousand take long to be written one by one."""
    return RawSQL("SELECT unnest(%s::uuid[])", ([str(key) for key in keys],))


class Row(models.Model):
    """A table's row with Tandem's key."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        abstract = True


class TsTzRange(Func):
    """`tstzrange(from, until, '[)')`: the range that exclusion constraints compare; back-to-back is no overlap."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class DateRange(Func):
    """`daterange(from, until, '[)')`: whole days, the last one not included."""

    function = "DATERANGE"
    output_field = DateRangeField()


def during(starts: str, ends: str) -> models.GeneratedField:
    """A generated range column over two datetime columns; an open end is null."""
    return models.GeneratedField(
        expression=TsTzRange(starts, ends, RangeBoundary()), output_field=DateTimeRangeField(), db_persist=True
    )
