"""Signing a draft: everything checked, the live arms written down, the version before it replaced, a review due."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.practice import config
from clinic.refusal import Refused, check
from clinic.staff.models import User as Person
from clinic.staff.rules import may_sign
from patients.inbox import actions as inbox
from patients.notes.calc import content_hash
from patients.plan import queries, rules
from patients.plan.actions.steps import opened, unchanged_since
from patients.plan.calc import next_review
from patients.plan.enums import VersionState
from patients.plan.models import InterventionRow, PlanVersion
from patients.record import access
from patients.timeline import actions as timeline
from patients.timeline.enums import EntryKind

if TYPE_CHECKING:
    from clinic.staff.models import User

REVIEW = "plan.review"


@transaction.atomic
def sign(version: PlanVersion, *, patient_agreed: str, by: "User", based_on: int | None = None) -> PlanVersion:
    """Sign the draft: it becomes the plan in force, the one before is replaced (R-TP-01, 02, 04, 06, 08, 09).

    `patient_agreed`: "agreed" or "declined". Conflict if the draft changed since `based_on`, or is signed already.
    """
    opened(version.pk)
    version = queries.with_rows(PlanVersion.objects.filter(pk=version.pk)).select_related("patient").get()
    unchanged_since(version, None, based_on)
    check(may_sign, by)
    refuse_if_incomplete(version)
    if sentence := rules.agreement_recorded(patient_agreed):
        raise Refused(sentence, field="patient_agreed")
    now = clock.now()
    _snapshot(version)
    replaced = PlanVersion.objects.select_for_update(no_key=True).filter(
        patient_id=version.patient_id, state=VersionState.SIGNED
    )
    for old in replaced:
        old.state = VersionState.REPLACED
        old.save(update_fields=["state"])
        inbox.finish(_purpose(old), by=by, outcome=f"plan v{version.number} signed")
    _put_signature(version, patient_agreed, by, now)
    _ask_for_review(version, by)
    timeline.note(
        version.patient_id, EntryKind.PLAN, on=version, occurred_at=now, label=f"plan v{version.number} signed", by=by,
        url_name="plan:version",
    )  # fmt: skip
    audit.record(Kind.SIGNED, by=by, on=version, what="plan.sign", detail={"number": version.number})
    return version


def refuse_if_incomplete(version: PlanVersion) -> None:
    """Raise what stands against signing a loaded draft, the first sentence whole and how many more there are."""
    patient_id = version.patient_id
    against = rules.against_signing(
        version,
        queries.live_arms(patient_id),
        queries.measures_against(patient_id),
        clock.today(version.patient.zone),
    )
    if against:
        more = f" And {len(against) - 1} more." if len(against) > 1 else ""
        raise Refused(f"{against[0].sentence}{more}")


def content(version: PlanVersion) -> dict[str, Any]:
    """What a signed version's hash covers: every word, whose plan it is, who signed and when (R-HS-05)."""
    return {
        "patient": str(version.patient_id),
        "number": version.number,
        "rows": [[row.kind, row.id, dict(row.fields)] for row in queries.as_rows(version)],
        "agreed": version.patient_agreed,
        "signature": version.signature,
        "signed_at": version.signed_at.isoformat() if version.signed_at else "",
        "review_due_on": version.review_due_on.isoformat() if version.review_due_on else "",
    }


def _snapshot(version: PlanVersion) -> None:
    """Write down what each live arm says today."""
    arms = queries.live_arms(version.patient_id)
    rows = [row for problem in version.problem_rows.all() for row in problem.intervention_rows.all()]
    spoken = [row for row in rows if row.intervention_id in arms]
    for row in spoken:
        arm = arms[row.intervention_id]
        row.snapshot = (f"{arm.text}; {arm.meta}" if arm.meta else arm.text)[:300]
    InterventionRow.objects.bulk_update(spoken, ["snapshot"])


def _put_signature(version: PlanVersion, patient_agreed: str, by: "User", now: datetime) -> None:
    today = now.astimezone(version.patient.zone).date()
    version.state = VersionState.SIGNED
    version.patient_agreed = patient_agreed
    version.signed_at, version.signed_by, version.signature = now, by, by.signature
    version.review_due_on = next_review(today, config.value("plan_review_days", today))
    version.content_hash = content_hash(content(version))
    version.save()


def _ask_for_review(version: PlanVersion, by: "User") -> None:
    """A task for the therapist and the prescriber, due on the review day (R-TP-06)."""
    owners = access.members().filter(patient_id=version.patient_id, role__in=["therapist", "prescriber"])
    inbox.ask(
        REVIEW,
        sentence="The shared plan is due for review.",
        purpose=_purpose(version),
        patient_id=version.patient_id,
        users=Person.objects.filter(pk__in=owners.values("user"), is_active=True),
        object_id=version.pk,
        due_on=version.review_due_on,
        by=by,
    )


def _purpose(version: PlanVersion) -> str:
    return f"plan-review:{version.pk}"
