"""Finding a patient: forgiving, best first, at most twenty, one statement, by index."""

from datetime import date
from typing import Any

import pytest
from django.db import connection

from patients.record.actions import open_in_emergency
from patients.record.models import Patient
from patients.record.queries import Hit, find
from patients.record.search import found_by
from patients.record.written import read
from tests.cast import Cast, patient

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


def numbers(hits: list[Hit]) -> list[int]:
    return [hit.patient.number for hit in hits]


@pytest.fixture
def names(cast: Cast) -> Cast:
    """Beside the cast (Quiroga Ana “Annie” 101, Zimmermann Ben 102, Nguyen Cleo 103)."""
    patient(201, "Bennet", "Zimmer", cast.site, born_on=date(1971, 2, 3), phone="+15415550177")
    patient(202, "Thảo", "O’Shea-Groß", cast.site, born_on=date(1992, 5, 14))
    patient(203, "محمد", "عبد", cast.site, born_on=date(1980, 1, 1))
    patient(204, "王", "小明", cast.site, born_on=date(1980, 1, 2))
    return cast


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("quiroga", [101]), ("QUIROGA", [101]), ("quir", [101]), ("annie", [101]), ("ann quir", [101]),
        ("quirgoa", [101]), ("kuiroga", [101]), ("quioga", [101]), ("qiuroga ana", [101]), ("ana maria quiroga", [101]),
        ("zimerman", [102]), ("zimmer", [201, 102]), ("ben", [102, 201]), ("bne zim", [201, 102]), ("ngyuen", [103]),
        ("oshea", [202]), ("O'Shea", [202]), ("thao", [202]), ("gross", [202]), ("osheagross", [202]),
        ("محمد", [203]), ("小", [204]), ("5/14/1992", [202]), ("1992-05-14", [202]), ("02031971", [201]),
        ("0177", [201]), ("541 555", [201]), ("(541) 555-0177", [201]), ("201", [201]), ("#103", [103]),
        ("nobody at all", []), ("", []), ("%", []), ("_", []), ("'; DROP TABLE", []), ("\x00", []),
    ],
)  # fmt: skip
def test_what_is_typed_finds(names: Cast, text: str, first: list[int]) -> None:
    assert numbers(find(text, names.fran, today=TODAY))[: len(first) or 20] == first


def test_who_answers_name_and_birth_date_stands_first(names: Cast) -> None:
    patient(301, "Ana", "Quiroga", names.site, born_on=date(1960, 6, 7))
    assert numbers(find("quiroga 6/7/1960", names.fran))[:2] == [301, 101]


def test_twenty_at_most(cast: Cast) -> None:
    for n in range(25):
        patient(500 + n, f"Pat{chr(97 + n)}", "Same", cast.site)
    assert len(find("same", cast.fran)) == 20


def test_one_query_whatever_is_typed(names: Cast, django_assert_num_queries: Any) -> None:
    for user in (names.fran, names.tess):
        user.held_roles()
        with django_assert_num_queries(1):
            find("quiroga 5/17/1990 0101", user)


def test_who_may_not_open_the_record_sees_that_the_person_exists(cast: Cast) -> None:
    def is_open(user: Any) -> dict[int, bool]:
        return {hit.patient.number: hit.is_open for hit in find("5/17/1990", user)}

    assert is_open(cast.fran) == {101: True, 102: True, 103: True}
    assert is_open(cast.tess) == {101: True, 102: False, 103: False}
    assert is_open(cast.sam) == {101: True, 102: False, 103: False}
    open_in_emergency(cast.cleo, reason="a crisis call at night", by=cast.tess)
    assert is_open(cast.tess) == {101: True, 102: False, 103: True}


@pytest.mark.parametrize(
    ("text", "indexes"),
    [
        ("quirgoa", {"patient_search_trgm"}), ("ana quir", {"patient_search_trgm"}), ("bne", {"patient_search_trgm"}),
        ("0177", {"patient_phone_trgm", "number"}), ("5/14/1992", {"born_on"}),
        ("quiroga 5/14/1992", {"patient_search_trgm", "born_on"}),
    ],
)  # fmt: skip
def test_the_search_goes_by_index(cast: Cast, text: str, indexes: set[str]) -> None:
    rows = [
        Patient(number=n, given_name="A", family_name="B", search_text=f"family{n} given{n * 7}", phone_digits=str(n),
                born_on=date(1950, 1, 1), site=cast.site, registered_at=cast.ana.registered_at)
        for n in range(1_000, 4_000)
    ]  # fmt: skip
    Patient.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE patients_record_patient")
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = found_by(read(text, TODAY), cast.fran).explain()
    assert "Seq Scan on patients_record_patient" not in plan
    assert {index for index in indexes if index in plan} == indexes
