"""Registering: what is kept, whom it asks about, what it refuses, and that a repeated submit registers once."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from clinic.audit.models import AuditEvent
from clinic.practice.models import Site
from clinic.refusal import Refused
from patients.record import actions, queries
from patients.record.forms import RegisterForm
from patients.record.models import MessageConsent, Patient
from tests.cast import Cast, client, patient

pytestmark = pytest.mark.django_db
BORN = date(1988, 3, 9)


def register(cast: Cast, **fields: Any) -> Patient:
    known = {"given_name": "Thảo", "family_name": "O’Shea", "born_on": BORN, "site": cast.site, "by": cast.fran}
    return actions.register(**{**known, **fields})


def test_it_keeps_what_was_said_and_what_searching_needs(cast: Cast) -> None:
    made = register(cast, preferred_name=" Theo ", phone="(503) 555-0142", email="t@example.org", state="or")
    row = Patient.objects.get(pk=made.pk)
    assert (row.name, row.preferred_name, row.search_text) == ("Thảo O’Shea", "Theo", "oshea thao theo")
    assert (str(row.phone), row.phone_digits, row.state) == ("+15035550142", "15035550142", "OR")
    assert (row.time_zone, row.registered_by, row.allergies) == (cast.site.time_zone, cast.fran, "never_asked")
    assert [e.what for e in AuditEvent.objects.filter(patient_id=row.pk)] == ["record.register"]


def test_the_form_begins_at_the_site_of_who_registers(cast: Cast) -> None:
    Site.objects.create(
        name="Abbey", address_line="2 Elm", city="Boise", state="ID", zip_code="83701", phone="+12085550100",
        time_zone="America/Boise",
    )  # fmt: skip
    form = client(cast.fran).get("/patients/register/").context["form"]
    assert (form["site"].value(), form["time_zone"].value()) == (cast.site.pk, cast.site.time_zone)
    assert RegisterForm().initial["time_zone"] == "America/Boise"


def test_numbers_are_given_once_and_pass_over_those_that_exist(cast: Cast) -> None:
    first = register(cast)
    patient(first.number + 1, "Ida", "Imported", cast.site)
    second = register(cast, given_name="Zoltan", family_name="Kovacs")
    assert second.number == first.number + 2


def test_a_repeated_submit_registers_once(cast: Cast) -> None:
    key = uuid4()
    assert register(cast, request_key=key) == register(cast, request_key=key)
    assert Patient.objects.filter(born_on=BORN).count() == 1


@pytest.mark.parametrize(
    ("given", "family"),
    [("Thao", "OShea"), ("Theo", "O'Shea"), ("O'Shea", "Thao"), ("Tao", "Oshay"), ("Mia", "O’Shea")],
)
def test_the_same_birth_date_and_a_similar_name_is_asked_about(cast: Cast, given: str, family: str) -> None:
    register(cast)
    with pytest.raises(Refused, match="Is this the same person"):
        register(cast, given_name=given, family_name=family)
    assert register(cast, given_name=given, family_name=family, different_person=True).number


def test_another_birth_date_or_another_name_is_not_asked_about(cast: Cast) -> None:
    register(cast)
    assert register(cast, born_on=date(1988, 3, 10)).number
    assert register(cast, given_name="Bruno", family_name="Keller").number


def test_the_question_names_nobody(cast: Cast) -> None:
    register(cast)
    with pytest.raises(Refused) as refused:
        register(cast)
    assert [word for word in ("Thảo", "Shea", "1988") if word in refused.value.sentence] == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"given_name": "a\x00b"}, "given_name"),
        ({"given_name": " \u200b "}, "given_name"),
        ({"family_name": "x" * 201}, "family_name"),
        ({"family_name": "\ud800"}, "family_name"),
        ({"phone": "12"}, "phone"),
        ({"phone": "٣" * 500}, "phone"),
        ({"email": "no address"}, "email"),
        ({"state": "Oregon"}, "state"),
        ({"sex": "unknown"}, "sex"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
    ],
)
def test_what_cannot_be_kept_is_refused_beside_its_field(cast: Cast, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        register(cast, **fields)
    assert refused.value.field == field


@pytest.mark.parametrize("name", ["Q" * 200, "محمد عبد", "Ng", "王", "Jean-Luc d’Ö"])
def test_names_of_every_kind_are_kept(cast: Cast, name: str) -> None:
    assert Patient.objects.get(pk=register(cast, family_name=name).pk).family_name == name


@pytest.mark.parametrize("born", [date(2999, 1, 1), date(1850, 1, 1)])
def test_impossible_birth_dates_are_refused(cast: Cast, born: date) -> None:
    with pytest.raises(Refused, match="birth date"):
        register(cast, born_on=born)


def test_consent_can_be_taken_with_the_registration(cast: Cast) -> None:
    made = register(cast, phone="5035550142", channel="text")
    assert [(c.channel, c.given_by) for c in MessageConsent.objects.filter(patient=made)] == [("text", cast.fran)]


def test_the_database_wants_a_name_and_a_number_of_its_own(cast: Cast) -> None:
    """patient_named; the number's unique index; patient_never_deleted."""
    with pytest.raises(IntegrityError, match="patient_named"), transaction.atomic():
        Patient.objects.filter(pk=cast.ana.pk).update(given_name="")
    with pytest.raises(IntegrityError, match="number"), transaction.atomic():
        Patient.objects.filter(pk=cast.ana.pk).update(number=cast.ben.number)
    with pytest.raises(InternalError, match="Cannot delete"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM patients_record_patient WHERE id = %s", [cast.cleo.pk])


def test_the_likeness_is_asked_in_one_query(cast: Cast, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert queries.alike("Quirgoa", "Anna", cast.ana.born_on) == [cast.ana]
