"""Two desks register the same person at the same moment: one registration, one question."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from django.db import connection

from clinic.refusal import Refused
from patients.record import actions
from patients.record.models import Patient
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)


def together(cast: Cast, key: Callable[[], UUID]) -> list[str]:
    """Four threads at once; what each of them got."""
    start = Barrier(4)

    def desk(_: int) -> str:
        try:
            start.wait(timeout=10)
            made = actions.register(
                given_name="Zoltán", family_name="Kovács", born_on=date(1988, 3, 9), site=cast.site, by=cast.fran,
                request_key=key(),
            )  # fmt: skip
            return str(made.number)
        except Refused as refused:
            return refused.field
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        return sorted(pool.map(desk, range(4)))


def test_different_submits_register_once_and_ask_the_others(cast: Cast) -> None:
    got = together(cast, uuid4)
    assert got[1:] == ["different_person"] * 3
    assert Patient.objects.filter(born_on=date(1988, 3, 9)).count() == 1


def test_one_submit_sent_four_times_is_one_person(cast: Cast) -> None:
    key = uuid4()
    assert len(set(together(cast, lambda: key))) == 1
    assert Patient.objects.filter(born_on=date(1988, 3, 9)).count() == 1
