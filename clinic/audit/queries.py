"""Reading the audit, for investigators only; clinical pages never read it."""

from dataclasses import dataclass

from django.db.models import QuerySet

from clinic.audit.actions import FIRST_HASH, link
from clinic.audit.models import AuditEvent, AuditSeal


@dataclass(frozen=True)
class Verdict:
    """What a verification found: links checked, rows not sealed yet, and the first broken position, if any."""

    checked: int
    waiting: int
    broken_at: int | None


def verify() -> Verdict:
    """Walk the whole chain and compare every link with its event."""
    before, checked, broken = FIRST_HASH, 0, None
    for seal in AuditSeal.objects.select_related("event").order_by("position").iterator(chunk_size=2_000):
        if link(before, seal.event) != seal.hash:
            broken = seal.position
            break
        before = seal.hash
        checked += 1
    return Verdict(checked, AuditEvent.objects.filter(seal=None).count(), broken)


def verification() -> dict[str, int]:
    """Job: verify, as counts; `broken_at` is 0 where the chain is whole."""
    verdict = verify()
    return {"checked": verdict.checked, "waiting": verdict.waiting, "broken_at": verdict.broken_at or 0}


def events() -> QuerySet[AuditEvent]:
    """All events, newest first, with their seals."""
    return AuditEvent.objects.select_related("seal").order_by("-at", "-id")
