"""The database keeps what was given: each constraint broken once, each trigger pulled once."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from medications.injections.models import Injection
from tests.cast import Cast
from tests.medications.injections.given import day, given, ordered
from tests.medications.prescribing.given import NOW, started
from tests.refused import refused_by


@pytest.fixture
def done(cast: Cast) -> Injection:
    return given(ordered(cast), by=cast.priya)


def another(done: Injection, **fields: Any) -> Injection:
    known = {
        "patient": done.patient, "prescription": done.prescription, "order": done.order, "what": "here",
        "on_day": day(1), "site": "thigh_left", "lot": "X", "recorded_at": NOW, "recorded_by": done.recorded_by,
    }  # fmt: skip
    return Injection.objects.create(**known | fields)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("injection_what_known", {"what": "maybe"}),
        ("injection_site_known", {"site": "elbow", "what": "elsewhere"}),
        ("injection_here_with_site_and_lot", {"site": ""}),
        ("injection_here_with_site_and_lot", {"lot": ""}),
        ("injection_not_given_with_reason", {"what": "not_given", "site": "", "lot": ""}),
        ("injection_not_given_with_reason", {"what": "not_given", "lot": "", "words": "Fever."}),
        ("injection_by_somebody", {"recorded_by": None}),
        ("injection_retracted_whole", {"retracted_at": NOW}),
    ],
)
def test_a_row_that_is_whole(done: Injection, name: str, fields: dict[str, Any]) -> None:
    with refused_by(name):
        another(done, **fields)


def test_injection_given_once_a_day(done: Injection) -> None:
    with refused_by("injection_given_once_a_day"):
        another(done, on_day=done.on_day, what="elsewhere")
    another(done, on_day=done.on_day, what="not_given", site="", lot="", words="The second vial was broken.")


def refused(match: str, act: Callable[[], object]) -> None:
    with pytest.raises(DatabaseError, match=match), transaction.atomic():
        act()


def test_it_is_of_the_same_patient(cast: Cast, done: Injection) -> None:
    other = started(cast.ben, by=cast.paul)
    words = "an injection belongs to an order of the same patient"
    refused(words, lambda: another(done, prescription=other.prescription))
    refused(words, lambda: another(done, order=other))
    refused(words, lambda: another(done, patient=cast.ben))


def test_nothing_that_was_recorded_changes(done: Injection) -> None:
    rows = Injection.objects.filter(pk=done.pk)
    refused("does not change", lambda: rows.update(lot="Y"))
    refused("nothing clinical is deleted", lambda: rows._raw_delete("default"))


def test_an_error_stays_one(done: Injection) -> None:
    rows = Injection.objects.filter(pk=done.pk)
    rows.update(retracted_at=NOW, retracted_by=done.recorded_by, retracted_reason="Wrong chart.")
    refused("decided and stays", lambda: rows.update(retracted_at=None, retracted_by=None, retracted_reason=""))


def test_nothing_is_emptied(done: Injection) -> None:
    def empty() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("TRUNCATE medications_injections_injection CASCADE")

    refused("never emptied", empty)
