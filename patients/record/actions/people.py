"""Registering a person and changing what is kept of them."""

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection, transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.practice.models import Site
from clinic.refusal import Conflict, Refused, refuse
from patients.record import queries, rules
from patients.record.actions.reach import choose_channel, locked, revoke
from patients.record.actions.team import add_to_team
from patients.record.calc import phone_digits, search_text
from patients.record.enums import TeamRole
from patients.record.models import Patient
from patients.record.person import cleaned, reached_otherwise

if TYPE_CHECKING:
    from clinic.staff.models import User


@transaction.atomic
def register(
    *,
    given_name: str,
    family_name: str,
    born_on: date,
    site: Site,
    by: "User | None",
    different_person: bool = False,
    request_key: UUID | None = None,
    channel: str | None = None,
    therapist: "User | None" = None,
    prescriber: "User | None" = None,
    **fields: Any,
) -> Patient:
    """Register a person; a repeated submit (`request_key`) gives the one registered first.

    Somebody with the same birth date and a similar name is asked about once; `different_person` is the answer. Two
    desks that register the same person at the same moment wait for each other. `channel` also takes consent,
    `therapist` and `prescriber` make the first care team.
    """
    values = cleaned(given_name=given_name, family_name=family_name, born_on=born_on, site=site, **fields)
    refuse(rules.born(born_on, clock.today(site.zone)), field="born_on")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('patients.record.register'), %s)", [born_on.toordinal()])
    if request_key and (known := Patient.objects.filter(request_key=request_key).first()):
        return known
    if sentence := rules.same_person(
        queries.alike(values["family_name"], values["given_name"], born_on), different_person
    ):
        raise Refused(sentence, field="different_person")
    patient = Patient(number=_next_number(), request_key=request_key, registered_at=clock.now(), registered_by=by)
    _fill(patient, {"time_zone": site.time_zone, **values})
    patient.save(force_insert=True)
    audit.record(Kind.CREATED, by=by, on=patient, what="record.register")
    if channel is not None:
        choose_channel(patient, channel=channel, by=by)
    for user, role in ((therapist, TeamRole.THERAPIST), (prescriber, TeamRole.PRESCRIBER)):
        if user is not None:
            add_to_team(patient, user, role, by=by)
    return patient


@transaction.atomic
def change(
    patient: Patient, *, by: "User", based_on: str | None = None, channel: str | None = None, **fields: Any
) -> Patient:
    """Change name, birth date, contacts. `based_on`: the fingerprint the form began with; else changed: Conflict.

    A consent holds for the number or address that it was given for: with another one it ends (R-RE-02), unless
    `channel` says what the patient chooses now.
    """
    patient = locked(patient)
    if based_on is not None and based_on != queries.fingerprint(patient):
        raise Conflict("Somebody else changed this record meanwhile. Compare it with what you typed, and save again.")
    values = cleaned(**fields)
    if "born_on" in values:
        refuse(rules.born(values["born_on"], clock.today(values.get("site", patient.site).zone)), field="born_on")
    before = {name: getattr(patient, name) for name in values}
    _fill(patient, values)
    changed = sorted(name for name in values if getattr(patient, name) != before[name])
    if changed:
        patient.save(update_fields=[*values, "search_text", "phone_digits"])
        audit.record(Kind.CHANGED, by=by, on=patient, what="record.change", detail={"fields": changed})
    live = queries.consent(patient.pk)
    if live and reached_otherwise(live.channel, changed):
        revoke(live, how="changed", by=by)
        live = None
    if channel is not None and (live.channel if live else "none") != channel:
        choose_channel(patient, channel=channel, by=by)
    return patient


def _fill(patient: Patient, values: dict[str, Any]) -> None:
    """Set the values, and what searching needs of them."""
    for name, value in values.items():
        setattr(patient, name, value)
    patient.search_text = search_text(patient.family_name, patient.given_name, patient.preferred_name)
    patient.phone_digits = phone_digits(str(patient.phone or ""))[:20]


def _next_number() -> int:
    """The next record number; numbers that an import brought along are passed over."""
    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval('patients_record_number')")
            number: int = cursor.fetchone()[0]
        if not Patient.objects.filter(number=number).exists():
            return number
