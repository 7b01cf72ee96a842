"""Every write of the risk room: a flag is raised for everybody who must know, and closed by one named person."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.refusal import Conflict, Refused, check
from clinic.staff.enums import Role
from patients.inbox import actions as inbox
from patients.record import actions as team
from patients.record.calc import clean_line, clean_text
from patients.record.enums import TeamRole
from patients.record.models import CareTeamMember, Patient
from patients.risk import queries, rules
from patients.risk.models import Disposition, RiskFlag, Source
from patients.timeline import actions as timeline
from patients.timeline.enums import EntryKind

if TYPE_CHECKING:
    from clinic.staff.models import OnCall, User

MOST_WORDS = 4_000


@transaction.atomic
def raise_flag(
    patient: Patient, *, source: Source | str, sentence: str, object_id: UUID | None = None, by: "User | None"
) -> RiskFlag:
    """Raise a flag and tell the whole care team and the clinician on call, at once (R-MB-07).

    `object_id`: the score it comes from; the same score raises one flag however often it is asked. `by`: None where
    the patient's own answer raised it.
    """
    patient.hold()
    sentence = clean_line(sentence, most=300, field="sentence")
    check(rules.raised, sentence)
    if object_id is not None and (known := RiskFlag.objects.filter(object_id=object_id).first()):
        return known
    flag = RiskFlag.objects.create(
        patient=patient,
        source=Source(source),
        sentence=sentence,
        object_id=object_id,
        raised_at=clock.now(),
        raised_by=by,
    )
    audit.record(Kind.CREATED, by=by, on=flag, what="risk.raise_flag", detail={"source": str(flag.source)})
    timeline.note(
        patient.pk, EntryKind.RISK, on=flag, occurred_at=flag.raised_at, label=sentence, by=by, url_name="risk:flag"
    )
    _tell(flag, patient, by=by)
    return flag


@transaction.atomic
def acknowledge(flag: RiskFlag, *, by: "User") -> RiskFlag:
    """A licensed clinician has seen the flag; it stays open. The first one counts."""
    flag = RiskFlag.objects.select_for_update(of=("self",)).get(pk=flag.pk)
    check(rules.acknowledge, flag, by)
    if flag.acknowledged_at:
        return flag
    flag.acknowledged_at, flag.acknowledged_by = clock.now(), by
    flag.save(update_fields=["acknowledged_at", "acknowledged_by"])
    audit.record(Kind.CHANGED, by=by, on=flag, what="risk.acknowledge")
    return flag


@transaction.atomic
def close(flag: RiskFlag, *, disposition: Disposition | str, words: str, by: "User") -> RiskFlag:
    """End a flag with a disposition and words, for everybody who had it to do; it never opens again (R-MB-07).

    A flag whose score was marked as entered in error leaves the timeline; the row stays.
    """
    flag = RiskFlag.objects.select_for_update(of=("self",)).select_related("closed_by").get(pk=flag.pk)
    if flag.closed_at and flag.closed_by:
        raise Conflict(f"{flag.closed_by.name} closed this flag already. Reload the page to read what was written.")
    words = clean_text(words, most=MOST_WORDS, field="words").strip()
    if sentence := rules.close(flag, str(disposition), words, by):
        raise Refused(sentence, field="" if words else "words")
    now = clock.now()
    if flag.acknowledged_at is None:
        flag.acknowledged_at, flag.acknowledged_by = now, by
    flag.closed_at, flag.closed_by = now, by
    flag.disposition, flag.closing_words = Disposition(disposition), words
    flag.save()
    audit.record(Kind.CHANGED, by=by, on=flag, what="risk.close", detail={"disposition": str(flag.disposition)})
    inbox.finish(queries.purpose_of(flag), by=by, outcome=flag.get_disposition_display())
    _end_on_timeline(flag, by=by)
    return flag


def _end_on_timeline(flag: RiskFlag, *, by: "User") -> None:
    if flag.disposition == Disposition.IN_ERROR:
        timeline.retract(flag)
        return
    assert flag.closed_at is not None
    timeline.close(flag, until=flag.closed_at)
    timeline.note(
        flag.patient_id, EntryKind.RISK, on=flag, occurred_at=flag.closed_at, until=flag.closed_at, by=by,
        label=f"Flag closed: {flag.get_disposition_display()}", url_name="risk:flag",
    )  # fmt: skip


def _tell(flag: RiskFlag, patient: Patient, *, by: "User | None") -> None:
    """Urgent tasks for the care team and for who is on call, who gets a cover role as long as they are on call."""
    users = queries.care_team(patient.pk)
    duty = queries.on_call()
    if duty is not None and duty.user_id not in {user.pk for user in users} and _cover(patient, duty, by=by):
        users.append(duty.user)
    inbox.ask(
        "risk.flag", sentence=flag.sentence, purpose=queries.purpose_of(flag), patient_id=patient.pk, users=users,
        object_id=flag.pk, urgent=True, by=by,
    )  # fmt: skip
    if not users:
        inbox.ask(
            "risk.nobody", purpose=queries.purpose_of(flag), patient_id=patient.pk, roles=[Role.FRONT_DESK],
            sentence="Needs a clinician now; nobody is on the care team or on call. Stay near, and fetch a clinician.",
            object_id=flag.pk, urgent=True, by=by,
        )  # fmt: skip


def _cover(patient: Patient, duty: "OnCall", *, by: "User | None") -> bool:
    """Let who is on call open the chart while they are. Whatever stands against it never stops the flag."""
    later = CareTeamMember.objects.filter(
        patient=patient, user=duty.user, role=TeamRole.COVER, starts_at__gt=clock.now(), starts_at__lt=duty.ends_at
    )
    begins = later.order_by("starts_at").values_list("starts_at", flat=True).first()
    try:
        team.add_to_team(
            patient, duty.user, TeamRole.COVER, starts_at=clock.now(), ends_at=begins or duty.ends_at, by=by
        )
    except Refused:
        return False
    return True
