"""The practice's pharmacies, and whom each patient prefers."""

from typing import TYPE_CHECKING, Any

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.refusal import Conflict, Refused, check
from medications.pharmacies import rules
from medications.pharmacies.models import Pharmacy, PreferredPharmacy
from patients.record.calc import clean_line
from patients.record.models import Patient

if TYPE_CHECKING:
    from clinic.staff.models import User

LENGTHS = {"name": 120, "address_line": 200, "city": 80, "state": 2, "zip_code": 10, "phone": 30, "fax": 30,
           "ncpdp_id": 7, "hours": 200}  # fmt: skip
NEEDED = {
    "name": "Write the pharmacy’s name.", "address_line": "Write street and number.", "city": "Write the city.",
}  # fmt: skip


@transaction.atomic
def save_pharmacy(*, by: "User", **fields: str) -> Pharmacy:
    """Add a pharmacy to the list: name, address_line, city, state, zip_code, phone, fax, ncpdp_id, hours."""
    clean = _fit(None, fields)
    row = Pharmacy.objects.create(**clean, added_at=clock.now(), added_by=by)
    audit.record(Kind.CREATED, by=by, on=row, what="pharmacies.add")
    return row


@transaction.atomic
def change_pharmacy(row: Pharmacy, *, based_on: int | None = None, by: "User", **fields: str) -> Pharmacy:
    """Change what the list says. Prescriptions keep what they said when they were signed."""
    row = Pharmacy.objects.select_for_update().get(pk=row.pk)
    if sentence := rules.change(row, based_on):
        raise Conflict(sentence)
    check(rules.closed, row)
    for name, value in _fit(row, fields).items():
        setattr(row, name, value)
    row.revision += 1
    row.save()
    audit.record(Kind.CHANGED, by=by, on=row, what="pharmacies.change")
    return row


@transaction.atomic
def close_pharmacy(row: Pharmacy, *, reason: str, by: "User") -> int:
    """It is used no more. Who preferred it prefers none now, to be asked anew; returns how many."""
    row = Pharmacy.objects.select_for_update().get(pk=row.pk)
    check(rules.closed, row)
    words = clean_line(reason or "", most=200, field="reason")
    if not words:
        raise Refused("Write why it is used no more.", field="reason")
    row.closed_at, row.closed_by, row.closed_reason = clock.now(), by, words
    row.revision += 1
    row.save()
    ended = PreferredPharmacy.objects.filter(pharmacy=row, until_at=None).update(until_at=clock.now(), ended_by=by)
    audit.record(Kind.CHANGED, by=by, on=row, what="pharmacies.close", why=words, detail={"preferred_by": ended})
    return ended


@transaction.atomic
def choose(patient: Patient, *, pharmacy: Pharmacy | None, by: "User") -> PreferredPharmacy | None:
    """From now on medicines go there; None: the patient prefers none. The same again changes nothing."""
    Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
    if pharmacy is not None:
        pharmacy = Pharmacy.objects.select_for_update(no_key=True).get(pk=pharmacy.pk)
        check(rules.closed, pharmacy)
    now = clock.now()
    before = PreferredPharmacy.objects.select_for_update().filter(patient=patient, until_at=None).first()
    if before is not None and pharmacy is not None and before.pharmacy_id == pharmacy.pk:
        return before
    if before is not None:
        before.until_at, before.ended_by = now, by
        before.save(update_fields=["until_at", "ended_by"])
        audit.record(Kind.CHANGED, by=by, on=before, what="pharmacies.choose")
    if pharmacy is None:
        return None
    row = PreferredPharmacy.objects.create(patient=patient, pharmacy=pharmacy, from_at=now, set_by=by)
    audit.record(Kind.CREATED, by=by, on=row, what="pharmacies.choose")
    return row


def _fit(row: Pharmacy | None, fields: dict[str, str]) -> dict[str, Any]:
    """The words as they are stored. Raises Refused beside the first field that makes no sense."""
    clean = {name: clean_line(fields.get(name) or "", most=most, field=name) for name, most in LENGTHS.items()}
    for name, sentence in NEEDED.items():
        if not clean[name]:
            raise Refused(sentence, field=name)
    clean["state"] = clean["state"].upper()
    known = {name: clean[name] for name in ("state", "zip_code", "ncpdp_id", "phone", "fax")}
    for name, sentence in rules.pharmacy(row, **known).items():
        raise Refused(sentence, field=name)
    return clean
