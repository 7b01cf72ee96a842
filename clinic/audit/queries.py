"""Reading the audit, for investigators only; clinical pages never read it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from clinic.audit.calc import FIRST_HASH, link
from clinic.audit.models import AuditEvent, AuditSeal

PAGE = 50
CHUNK = 2_000


@dataclass(frozen=True)
class Verdict:
    """What a verification found: links checked, rows not sealed yet, and the first broken link, if any."""

    checked: int
    waiting: int
    broken_at: int | None
    broken_event: UUID | None = None


def verify() -> Verdict:
    """Walk the whole chain and compare every link with its event."""
    before, checked, broken = FIRST_HASH, 0, None
    for seal in AuditSeal.objects.select_related("event").order_by("position").iterator(chunk_size=CHUNK):
        if link(before, seal.event) != seal.hash:
            broken = seal
            break
        before = seal.hash
        checked += 1
    waiting = AuditEvent.objects.filter(seal=None).count()
    return Verdict(checked, waiting, broken.position if broken else None, broken.event_id if broken else None)


def verification() -> dict[str, int]:
    """Job: verify, as counts; `broken_at` is 0 where the chain is whole."""
    verdict = verify()
    return {"checked": verdict.checked, "waiting": verdict.waiting, "broken_at": verdict.broken_at or 0}


@dataclass(frozen=True)
class Wanted:
    """Which events an investigator asks for; empty: all. Days are the practice's, both included."""

    patient: UUID | None = None
    person: UUID | None = None
    kind: str | None = None
    outcome: str | None = None
    since: date | None = None
    until: date | None = None

    def query(self) -> dict[str, str]:
        """As the address holds it: ids and codes only (R-HS-07)."""
        return {key: str(value) for key, value in self.__dict__.items() if value}


def events(wanted: Wanted) -> QuerySet[AuditEvent]:
    """The events asked for, newest first, with the position of their seals."""
    found = AuditEvent.objects.annotate(sealed=F("seal__position")).order_by("-at", "-id")
    if wanted.patient:
        found = found.filter(patient_id=wanted.patient)
    if wanted.person:
        found = found.filter(actor_id=wanted.person)
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if wanted.outcome:
        found = found.filter(outcome=wanted.outcome)
    if wanted.since:
        found = found.filter(at__gte=_begins(wanted.since))
    if wanted.until:
        found = found.filter(at__lt=_begins(wanted.until + timedelta(days=1)))
    return found


def page(wanted: Wanted, before: AuditEvent | None) -> tuple[list[AuditEvent], bool]:
    """Up to PAGE events older than `before`, and whether there are more. One query, whatever the depth."""
    found = events(wanted)
    if before:
        found = found.filter(Q(at__lt=before.at) | Q(at=before.at, id__lt=before.pk), at__lte=before.at)
    rows = list(found[: PAGE + 1])
    return rows[:PAGE], len(rows) > PAGE


def in_chunks(wanted: Wanted) -> Iterator[list[AuditEvent]]:
    """All events asked for, a few thousand at a time, without holding them all."""
    rows = iter(events(wanted).iterator(chunk_size=CHUNK))
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def people(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """The names of the people who work here, by id. One query."""
    rows = get_user_model().objects.filter(pk__in={pk for pk in ids if pk})
    return {pk: f"{given} {family}" for pk, given, family in rows.values_list("pk", "given_name", "family_name")}


def everybody() -> list[tuple[UUID, str]]:
    """All people who work or worked here, by name. One query."""
    rows = get_user_model().objects.order_by("family_name", "given_name", "pk")
    return [(pk, f"{given} {family}") for pk, given, family in rows.values_list("pk", "given_name", "family_name")]


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(0), timezone.get_default_timezone())
