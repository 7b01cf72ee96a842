"""Reading pharmacies and prescriptions on their way."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from clinic import clock
from medications.pharmacies.enums import LIVE, Cancelling, Route, State
from medications.pharmacies.models import Cancellation, InboundMessage, Pharmacy, PreferredPharmacy, Transmission
from medications.prescribing.models import Authorisation
from patients.record.access import visible_patients
from patients.record.models import Patient

if TYPE_CHECKING:
    from clinic.staff.models import User

SHOWN_AFTER = timedelta(minutes=2)  # so long the desk still shows what has left
STUCK_AFTER = timedelta(minutes=15)  # what has not left by then has failed


def pharmacies() -> QuerySet[Pharmacy]:
    """Those in use, by name."""
    return Pharmacy.objects.filter(closed_at=None)


def directory() -> list[Pharmacy]:
    """Every pharmacy, those in use first, each with `patients`: how many prefer it now. One query."""
    rows = Pharmacy.objects.annotate(patients=Count("preferred_by", filter=Q(preferred_by__until_at=None)))
    return sorted(rows.order_by("name", "city"), key=lambda one: one.closed_at is not None)


def preferred(patient_id: UUID) -> PreferredPharmacy | None:
    """Where the patient wants medicines sent now, if they said; closed ones do not count. One query."""
    rows = PreferredPharmacy.objects.filter(patient_id=patient_id, until_at=None, pharmacy__closed_at=None)
    return rows.select_related("pharmacy", "set_by").first()


def preferred_before(patient_id: UUID) -> list[PreferredPharmacy]:
    """What it was before, the newest first. One query."""
    rows = PreferredPharmacy.objects.filter(patient_id=patient_id, until_at__isnull=False)
    return list(rows.select_related("pharmacy", "set_by").order_by("-from_at", "-pk"))


def with_all(rows: QuerySet[Transmission]) -> QuerySet[Transmission]:
    """Transmissions with everything that pages show of one; one query."""
    return rows.select_related(
        "authorisation__order__product", "authorisation__prescription__drug", "authorisation__issued_by",
        "authorisation__voided_by", "patient", "pharmacy", "asked_by", "sent_by", "fill__recorded_by",
        "pick_up__recorded_by",
        "undone_by", "cancelled_by", "cancellation__sent_by", "replaced_by", "replaces",
    )  # fmt: skip


def of_authorisations(ids: Collection[UUID]) -> dict[UUID, Transmission]:
    """The newest transmission of each authorisation. One query."""
    rows = with_all(Transmission.objects.filter(authorisation__in=list(ids))).order_by("asked_at", "pk")
    return {row.authorisation_id: row for row in rows}


def of_prescriptions(ids: Collection[UUID]) -> dict[UUID, Transmission]:
    """The newest transmission of each prescription. One query."""
    newest = (
        Transmission.objects.filter(authorisation__prescription__in=list(ids))
        .order_by("authorisation__prescription_id", "-asked_at", "-pk")
        .distinct("authorisation__prescription_id")
        .values("pk")
    )
    rows = with_all(Transmission.objects.filter(pk__in=newest))
    return {row.authorisation.prescription_id: row for row in rows}


def live_of(authorisations: Iterable[Authorisation]) -> QuerySet[Transmission]:
    """The live or failed transmissions of these, to be locked."""
    wanted = [*LIVE, State.FAILED]
    return Transmission.objects.filter(authorisation__in=list(authorisations), state__in=wanted, replaced_by=None)


def leaving(viewer: "User") -> list[Transmission]:
    """What the viewer signed and is about to leave, or has just left or come back. One query."""
    rows = Transmission.objects.filter(asked_by=viewer, replaced_by=None).filter(
        Q(state__in=[State.WAITING, State.SENDING])
        | Q(state__in=[State.SENT, State.UNDONE, State.LISTED], asked_at__gt=clock.now() - SHOWN_AFTER)
    )
    return list(with_all(rows).order_by("-asked_at", "-pk")[:12])


def failed() -> QuerySet[Transmission]:
    """What did not leave and still should: not sent again, not void."""
    again = Transmission.objects.filter(authorisation=OuterRef("authorisation"), state__in=LIVE)
    return Transmission.objects.filter(
        ~Exists(again), state=State.FAILED, replaced_by=None, authorisation__voided_at=None
    )


def failed_for(viewer: "User") -> list[Transmission]:
    """The same, of patients for whom the viewer may prescribe, the oldest first. One query."""
    return list(with_all(failed().filter(patient__in=_patients(viewer))).order_by("failed_at", "pk")[:50])


def untold(viewer: "User") -> list[Cancellation]:
    """Cancellations that a pharmacy was not told of, of the viewer's patients. One query."""
    rows = Cancellation.objects.filter(by_hand(), patient__in=_patients(viewer))
    return list(rows.select_related("patient", "transmission__pharmacy").order_by("asked_at", "pk")[:50])


def by_hand() -> Q:
    """Cancellations that a person has to tell: failed, or of what did not leave through us."""
    ours = Q(transmission__route=Route.PHARMACY)
    return Q(state=Cancelling.FAILED) | (Q(state=Cancelling.WAITING) & ~ours)


def unfilled(before: datetime) -> QuerySet[Transmission]:
    """What was sent before the moment, may still be filled, and of which no pharmacy told a fill."""
    today = clock.now().date()
    return Transmission.objects.filter(
        Q(authorisation__expires_on=None) | Q(authorisation__expires_on__gte=today), state=State.SENT,
        sent_at__lt=before, authorisation__voided_at=None, authorisation__earliest_fill_on=None,
    )  # fmt: skip


def unfilled_for(viewer: "User", before: datetime) -> list[Transmission]:
    """The same, of patients for whom the viewer may prescribe. One query."""
    rows = unfilled(before).filter(patient__in=_patients(viewer))
    return list(rows.select_related("patient").order_by("sent_at", "pk")[:50])


def stuck() -> QuerySet[Transmission]:
    """What should have left a quarter of an hour ago and has not."""
    over = clock.now() - STUCK_AFTER
    return Transmission.objects.filter(state__in=[State.WAITING, State.SENDING], leaves_at__lt=over)


def module_list(viewer: "User") -> list[Transmission]:
    """Controlled substances to be signed in the certified module, by patient (R-RX-06). One query."""
    rows = Transmission.objects.filter(state=State.LISTED, patient__in=_patients(viewer))
    return list(with_all(rows).order_by("patient__family_name", "patient__given_name", "patient", "asked_at"))


def to_clear() -> list[InboundMessage]:
    """What pharmacies sent and nobody could match, the oldest first. One query."""
    rows = InboundMessage.objects.filter(done_at=None).exclude(why="")
    return list(rows.select_related("pharmacy").order_by("received_at", "pk")[:100])


def cleared_before() -> list[InboundMessage]:
    """What was cleared, the newest first. One query."""
    rows = InboundMessage.objects.filter(done_at__isnull=False)
    return list(rows.select_related("pharmacy", "done_by").order_by("-done_at", "-pk")[:20])


def by_code(code: str) -> Transmission | None:
    """Whose document carries the code. One query."""
    return with_all(Transmission.objects.filter(code=code)).first() if code else None


def _patients(user: "User") -> QuerySet[Patient]:
    return Patient.objects.filter(visible_patients(user, "medication.prescribe"))
