"""Reading prescriptions: what is taken now, from which order, and what the checks compare with."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery

from clinic import clock
from clinic.once import once
from medications.catalogue.calc import in_mg
from medications.catalogue.models import Drug
from medications.prescribing.models import (
    Authorisation,
    DoseOrder,
    Fill,
    HoldPeriod,
    LostSupply,
    Prescription,
    PrescriptionTarget,
)
from medications.safety.facts import Stretch, Taken


def practice_today() -> date:
    """The calendar day at the practice, for callers that know no patient's zone."""
    return clock.today(settings.TIME_ZONE)


def not_over(on: date) -> Q:
    """A filter on Prescription for what is still taken, or will be, on the day: on hold counts, errors do not."""
    return Q(retracted_at=None) & (Q(stopped_on=None) | Q(stopped_on__gt=on))


def with_orders(rows: QuerySet[Prescription]) -> QuerySet[Prescription]:
    """The prescriptions with all that pages show; six queries whatever the number.

    `live_orders` (not in error, oldest first), `live_authorisations` (not void), `known_fills`, `known_losses`,
    `for_what`; `held_since`: the first day of the hold that is open.
    """
    held = HoldPeriod.objects.filter(prescription=OuterRef("pk"), until_day=None).values("from_day")
    rows = rows.annotate(held_since=Subquery(held[:1]))
    orders = DoseOrder.objects.filter(retracted_at=None).select_related("product", "signed_by")
    return rows.select_related("drug", "prescriber").prefetch_related(
        Prefetch("orders", orders.order_by("from_day", "signed_at"), to_attr="live_orders"),
        Prefetch("authorisations", Authorisation.objects.filter(voided_at=None), to_attr="live_authorisations"),
        Prefetch("fills", Fill.objects.filter(retracted_at=None).order_by("filled_on"), to_attr="known_fills"),
        Prefetch("losses", LostSupply.objects.filter(retracted_at=None).order_by("lost_on"), to_attr="known_losses"),
        Prefetch("targets", PrescriptionTarget.objects.order_by("created_at"), to_attr="for_what"),
    )


@once
def active(patient_id: UUID, on: date) -> list[Prescription]:
    """What the patient takes, is to take, or has on hold, whoever prescribed it; with orders. Six queries."""
    rows = Prescription.objects.filter(not_over(on), patient_id=patient_id)
    return list(with_orders(rows).order_by("origin", "started_on", "pk"))


def everything(patient_id: UUID) -> list[Prescription]:
    """Every prescription of the patient, stopped and entered in error too; with orders. Six queries."""
    return list(with_orders(Prescription.objects.filter(patient_id=patient_id)).order_by("-started_on", "pk"))


def orders_of(prescription: Prescription) -> list[DoseOrder]:
    """The orders that were not entered in error, oldest first; those loaded with it, else one query."""
    loaded: list[DoseOrder] | None = getattr(prescription, "live_orders", None)
    if loaded is not None:
        return loaded
    rows = DoseOrder.objects.filter(prescription_id=prescription.pk, retracted_at=None)
    return list(rows.select_related("product", "signed_by").order_by("from_day", "signed_at"))


def struck_orders(patient_id: UUID) -> dict[UUID, list[DoseOrder]]:
    """The orders that were entered in error, by prescription. One query."""
    found: dict[UUID, list[DoseOrder]] = {}
    for order in DoseOrder.objects.filter(prescription__patient_id=patient_id, retracted_at__isnull=False):
        found.setdefault(order.prescription_id, []).append(order)
    return found


def current_order(prescription: Prescription, on: date | None = None) -> DoseOrder | None:
    """The order that holds on the day; None before the first, after the last, and for medicines that are not ours."""
    day = on or practice_today()
    found = [o for o in orders_of(prescription) if o.from_day <= day and (o.until_day is None or day < o.until_day)]
    return found[-1] if found else None


def next_order(prescription: Prescription, on: date | None = None) -> DoseOrder | None:
    """The change that is signed and still to come, if any."""
    day = on or practice_today()
    ahead = [o for o in orders_of(prescription) if o.from_day > day and o.until_day != o.from_day]
    return ahead[0] if ahead else None


def after_next(prescription: Prescription, on: date) -> list[DoseOrder]:
    """What is signed to follow the next: further steps of a titration pack."""
    return [one for one in orders_of(prescription) if one.from_day > on and one.until_day != one.from_day][1:]


def rest_without(order: DoseOrder) -> str:
    """What is left of its prescription once an order, with the steps of its titration pack, is struck. One query."""
    rest = list(
        DoseOrder.objects.filter(prescription=order.prescription_id, retracted_at=None)
        .exclude(Q(pk=order.pk) | Q(pack=order.pk))
        .values_list("from_day", "signed_at")
    )
    if not rest:
        return "nothing of this prescription is left"
    before = any(day <= order.from_day and at <= order.signed_at for day, at in rest)
    return "the dose before goes on" if before else "the later orders stay"


def last_order(prescription: Prescription, on: date | None = None) -> DoseOrder | None:
    """The order in force, else the next to come, else the last that was."""
    orders = orders_of(prescription)
    return current_order(prescription, on) or next_order(prescription, on) or (orders[-1] if orders else None)


def pack_of(order: DoseOrder) -> list[DoseOrder]:
    """All steps of its titration pack, itself among them, in time; none where it is no part of one. One query."""
    first = order.pack_id or order.pk
    rows = list(DoseOrder.objects.filter(Q(pk=first) | Q(pack=first)).select_related("product").order_by("from_day"))
    return rows if len(rows) > 1 else []


def supplies_of(order: DoseOrder) -> QuerySet[Authorisation]:
    """What was authorised on the order, or on another step of its titration pack. One query."""
    first = order.pack_id or order.pk
    rows = Authorisation.objects.filter(Q(order=first) | Q(order__pack=first))
    return rows.select_related("voided_by").order_by("issued_at")


def held_step(prescription: Prescription, today: date) -> DoseOrder | None:
    """The step of a titration pack that was taken when the open hold began, if steps were still to come then.

    None where the hold is of today: nothing was missed. One query besides the orders, none if they are loaded.
    """
    since = held_since(prescription)
    taken = current_order(prescription, since) if since is not None and since < today else None
    if taken is None:
        return None
    first = taken.pack_id or taken.pk
    return (
        taken
        if any(one.pack_id == first and one.from_day > taken.from_day for one in orders_of(prescription))
        else None
    )


def held_since(prescription: Prescription) -> date | None:
    """The first day of the hold that is open, if one is; as it was loaded, else one query."""
    if prescription.held_at is None:
        return None
    if hasattr(prescription, "held_since"):
        loaded: date | None = prescription.held_since
        return loaded
    return prescription.holds.filter(until_day=None).values_list("from_day", flat=True).first()


def live_authorisation(prescription: Prescription) -> Authorisation | None:
    """The one authorisation that is not void, if any."""
    loaded: list[Authorisation] | None = getattr(prescription, "live_authorisations", None)
    rows = loaded if loaded is not None else prescription.authorisations.filter(voided_at=None)
    return next((row for row in rows if row.earliest_fill_on is None), None)


def uses(authorisation: Authorisation) -> int:
    """How many of its fills are known; a part and its rest are one. One query."""
    return authorisation.fills.filter(retracted_at=None, completes=None).count()


def part(authorisation: Authorisation) -> Fill | None:
    """The fill of it that was dispensed in part and whose rest is owed, if any. One query."""
    return _incomplete(authorisation.fills.all()).first()


def _incomplete(fills: QuerySet[Fill]) -> QuerySet[Fill]:
    ended = Fill.objects.filter(completes=OuterRef("pk"), retracted_at=None, partial=False)
    return fills.filter(~Exists(ended), retracted_at=None, partial=True, completes=None).exclude(
        authorisation__schedule="II"
    )


@dataclass(frozen=True, slots=True)
class Owed:
    """What a pharmacy still owes of a fill: the part that came first, how many are missing, for how many days."""

    part: Fill
    authorisation: Authorisation
    quantity: Decimal
    days: int


def owed(prescription: Prescription, on: date) -> Owed | None:
    """What is still owed on the day of a fill that was dispensed in part, if anything. Two queries, one if nothing.

    The rest may come in pieces; one that is not marked as a piece ends it. Schedule II: the rest lapses
    (21 CFR 1306.13), so nothing is owed.
    """
    rows = _incomplete(prescription.fills.filter(filled_on__lte=on, authorisation__voided_at=None))
    part = rows.select_related("authorisation").order_by("-filled_on").first()
    if part is None or part.authorisation is None:
        return None
    told = part.completed_by.filter(retracted_at=None).values_list("quantity", "days_supply")
    quantities, days = zip(*[(part.quantity, part.days_supply), *told], strict=True)
    whole = part.authorisation
    return Owed(part, whole, whole.quantity - sum(quantities), whole.days_supply - sum(days))


def generic_name(prescription: Prescription) -> str:
    """The catalogue's name, or what was typed for what it does not hold."""
    return prescription.drug.generic_name if prescription.drug else prescription.drug_text


def is_depot(order: DoseOrder) -> bool:
    """Whether it is a long-acting injection, which somebody gives and records; loaded with its product."""
    return "long-acting" in order.product.form


def dose(order: DoseOrder) -> str:
    """A dose in a few words: “150 mg” a day; an injection by what it holds, “400 mg every 4 weeks”."""
    return order.dose


def series(prescription: Prescription) -> str:
    """The lane in which its doses are drawn: the drug's, an injection's own beside it."""
    orders = orders_of(prescription)
    return f"{generic_name(prescription)} injection" if orders and is_depot(orders[-1]) else generic_name(prescription)


def taken(patient_id: UUID, today: date, longest_washout: int) -> list[Taken]:
    """What the checks compare with: everything not in error, not stopped for longer than any wash-out. Two queries."""
    rows = (
        Prescription.objects.filter(patient_id=patient_id, retracted_at=None)
        .filter(Q(stopped_on=None) | Q(stopped_on__gt=today - timedelta(days=longest_washout + 1)))
        .exclude(stopped_on=F("started_on"))  # stopped before it began: never taken
        .select_related("drug")
        .prefetch_related(Prefetch("orders", DoseOrder.objects.filter(retracted_at=None), to_attr="live_orders"))
    )
    return [as_taken(row, today) for row in rows]


def as_taken(row: Prescription, today: date) -> Taken:
    """A prescription as the checks compare with it; loaded with its drug and `live_orders`."""
    return Taken(
        key=str(row.pk), name=_shown(row), drug=row.drug.generic_name if row.drug else None,
        daily_mg=_highest(orders_of(row), today), stopped_on=row.stopped_on, origin=row.origin,
    )  # fmt: skip


def course(patient_id: UUID, drug: Drug) -> tuple[Stretch, ...]:
    """The doses of a drug that we prescribed so far, in mg a day, times on hold left out. Two queries."""
    orders = DoseOrder.objects.filter(patient_id=patient_id, prescription__drug=drug, retracted_at=None)
    orders = orders.exclude(until_day=F("from_day")).filter(prescription__retracted_at=None)
    holds: dict[UUID, list[tuple[date, date | None]]] = {}
    for hold in HoldPeriod.objects.filter(prescription__patient_id=patient_id, prescription__drug=drug):
        holds.setdefault(hold.prescription_id, []).append((hold.from_day, hold.until_day))
    found: list[Stretch] = []
    for one in orders.order_by("from_day"):
        whole = Stretch(in_mg(one.daily_amount, one.unit), one.from_day, one.until_day)
        found += _without(whole, sorted(holds.get(one.prescription_id, [])))
    return tuple(found)


def _without(one: Stretch, holds: Iterable[tuple[date, date | None]]) -> list[Stretch]:
    """The parts of a stretch outside the holds, which are in time."""
    found, begins = [], one.start
    for start, until in holds:
        if until is not None and until <= begins:
            continue
        if one.until is not None and start >= one.until:
            break
        if start > begins:
            found.append(Stretch(one.daily_mg, begins, start))
        if until is None:
            return found
        begins = until
    if one.until is None or begins < one.until:
        found.append(Stretch(one.daily_mg, begins, one.until))
    return found


def _shown(prescription: Prescription) -> str:
    name = generic_name(prescription)
    return name if prescription.drug is None else name.capitalize()


def _highest(orders: Iterable[DoseOrder], today: date) -> Decimal | None:
    """The most that a day gives from today on: a change that is signed counts already."""
    amounts = [in_mg(o.daily_amount, o.unit) for o in orders if o.until_day is None or o.until_day > today]
    return max(amounts, default=None)
