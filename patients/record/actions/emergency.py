"""Opening a chart in an emergency, and its review by a privacy officer (R-HS-02)."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.ports import load
from clinic.practice import config
from clinic.refusal import Refused, check
from patients.record import access, queries, rules
from patients.record.calc import clean_text
from patients.record.models import EmergencyAccess, Patient

if TYPE_CHECKING:
    from clinic.staff.models import User

REASON = 2_000  # characters


@transaction.atomic
def open_in_emergency(patient: Patient, *, reason: str, by: "User") -> EmergencyAccess:
    """Open a chart without being on its team, for a limited time; privacy officers are told (R-HS-02).

    Opened already: the same opening, not a longer one.
    """
    reason = clean_text(reason, most=REASON, field="reason").strip()
    patient.hold()
    if live := queries.live_emergency(by, patient.pk):
        return live
    if sentence := rules.emergency(by, reason, access.may(by, "chart.read", patient.pk)):
        raise Refused(sentence, field="reason" if sentence.startswith("Write") else "")
    now = clock.now()
    minutes = config.value("emergency_minutes", clock.today(patient.site.zone))
    opening = EmergencyAccess.objects.create(
        patient=patient, user=by, reason=reason, starts_at=now, ends_at=now + timedelta(minutes=minutes)
    )
    detail = {"minutes": minutes}
    audit.record(Kind.EMERGENCY, by=by, on=opening, what="record.open_in_emergency", why=reason, detail=detail)
    for watch in load("EMERGENCY_WATCH"):
        watch.opened(opening)
    return opening


@transaction.atomic
def review_emergency(opening: EmergencyAccess, *, by: "User") -> EmergencyAccess:
    """A privacy officer has read why the chart was opened."""
    opening = EmergencyAccess.objects.select_for_update().get(pk=opening.pk)
    check(rules.review, opening, by)
    opening.reviewed_at, opening.reviewed_by = clock.now(), by
    opening.save(update_fields=["reviewed_at", "reviewed_by"])
    audit.record(Kind.CHANGED, by=by, on=opening, what="record.review_emergency")
    for watch in load("EMERGENCY_WATCH"):
        watch.reviewed(opening)
    return opening
