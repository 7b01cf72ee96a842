"""How the patient is reached: consent to messages, kept with the text agreed to, ended at once."""

from typing import TYPE_CHECKING

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.refusal import refuse
from patients.record import queries, rules
from patients.record.consent import CONSENT_TEXT
from patients.record.enums import ContactChannel
from patients.record.models import MessageConsent, Patient

if TYPE_CHECKING:
    from clinic.staff.models import User


# Where the form asks for what a channel needs.
REACHED_BY = {ContactChannel.TEXT.value: "phone", ContactChannel.EMAIL.value: "email"}


def locked(patient: Patient) -> Patient:
    """The patient's row, locked."""
    return Patient.objects.select_for_update(of=("self",)).select_related("site").get(pk=patient.pk)


@transaction.atomic
def choose_channel(patient: Patient, *, channel: str, by: "User | None") -> MessageConsent:
    """Keep the patient's choice, with the text they agreed to; it replaces the one before (R-RE-02, R-HP-09)."""
    patient = locked(patient)
    refuse(rules.channel(patient, channel), field=REACHED_BY.get(channel, "channel"))
    live = queries.consent(patient.pk)
    if live and (live.channel, live.text_version) == (channel, CONSENT_TEXT):
        return live
    if live:
        revoke(live, how="changed", by=by)
    given = MessageConsent.objects.create(
        patient=patient, channel=channel, text_version=CONSENT_TEXT, given_at=clock.now(), given_by=by
    )
    detail = {"channel": channel, "text": CONSENT_TEXT}
    audit.record(Kind.CREATED, by=by, on=given, what="record.choose_channel", detail=detail)
    return given


@transaction.atomic
def revoke_messages(patient: Patient, *, how: str, by: "User | None") -> None:
    """End the consent at once, by whatever way the patient said so: "text", "desk" (R-RE-03). Twice is once."""
    patient = locked(patient)
    live = queries.consent(patient.pk)
    if live and live.channel != ContactChannel.NONE:
        revoke(live, how=how, by=by)


def revoke(live: MessageConsent, *, how: str, by: "User | None") -> None:
    """End a consent."""
    live.revoked_at, live.revoked_how = clock.now(), how[:40]
    live.save(update_fields=["revoked_at", "revoked_how"])
    audit.record(Kind.CHANGED, by=by, on=live, what="record.revoke_messages", detail={"how": how[:40]})
