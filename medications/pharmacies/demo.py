"""The demo's pharmacies, whom patients prefer, and the ways of its prescriptions: by the product's own actions.

No document is made while it loads (each takes half a second): a page makes it when somebody opens it.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import partial

from django.db.models import Q

from clinic import clock
from clinic.demo import Demo
from clinic.outbox import actions as outbox
from clinic.outbox.results import Undeliverable
from medications.pharmacies import actions, calc
from medications.pharmacies.actions.common import purpose
from medications.pharmacies.backends import Receipt
from medications.pharmacies.enums import Cancelling, Route, State
from medications.pharmacies.models import Cancellation, Transmission

# name, street, city, ZIP, the last digits of telephone and fax ("" for none), hours, six digits of an invented id
PHARMACIES = (
    ("Alderfinch Pharmacy", "2110 SE Alder St", "Portland", "97214", "0171", "0172", "Mon–Fri 9–7, Sat 10–4", "389901"),
    ("Bridgetown Drug", "88 NW Everett St", "Portland", "97209", "0173", "0174", "Mon–Sun 8–10", "389902"),
    ("Kestrel Apothecary", "4021 N Mississippi Ave", "Portland", "97227", "0175", "0176", "Mon–Fri 9–6", "389903"),
    ("Millrace Community Pharmacy", "15 Oak St", "Hillsboro", "97123", "0177", "0178", "Mon–Sat 9–8", "389904"),
    ("Tualatin Family Pharmacy", "700 SW Boones Ferry Rd", "Tualatin", "97062", "0179", "", "Mon–Fri 9–6", "389905"),
    ("Rose City Mail Pharmacy", "1 Depot Way", "Gresham", "97030", "0180", "0181", "by mail", "389906"),
)
NO_LINE = "The fax line did not answer."


def load(demo: Demo) -> str:
    """Six pharmacies, preferred by most patients."""
    first = min(patient.registered_at for patient in demo.patients.values())
    rows = []
    with clock.at(first - timedelta(days=1)):
        for name, street, city, zip_code, phone, fax, hours, six in PHARMACIES:
            rows.append(
                actions.save_pharmacy(
                    name=name,
                    address_line=street,
                    city=city,
                    state="OR",
                    zip_code=zip_code,
                    phone=f"503-555-{phone}",
                    fax=f"503-555-{fax}" if fax else "",
                    ncpdp_id=f"{six}{calc.ncpdp_check(six)}",
                    hours=hours,
                    by=demo.users["pm_ferreira"],
                )
            )
    chosen = 0
    for number, patient in enumerate(demo.patients.values()):
        if number % 9 == 7:
            continue  # a few name none: theirs are printed for them
        with clock.at(patient.registered_at + timedelta(minutes=10)):
            actions.choose(patient, pharmacy=rows[number % len(rows)], by=demo.users["fd_kealoha"])
        if number % 7 == 3:
            with clock.at(patient.registered_at + timedelta(days=30)):
                actions.choose(patient, pharmacy=rows[(number + 1) % len(rows)], by=demo.users["fd_popescu"])
        chosen += 1
    return f"{len(rows)} pharmacies, preferred by {chosen} patients"


def let_leave(demo: Demo) -> str:
    """From now on, what is signed leaves a minute later."""
    demo.afterwards.append(partial(leave, untold_from=demo.today - timedelta(days=10)))
    return "the way to the pharmacy is open"


def leave(demo: Demo, untold_from: date | None = None) -> None:
    """What waits leaves, as the worker would let it; the file is left out.

    What is cancelled by hand was told at once; where the certified module is used, from that day on it waits.
    """
    by_hand = Q(transmission__route=Route.PAPER)
    if untold_from:
        by_hand |= Q(asked_at__lt=datetime.combine(untold_from, time(), UTC))
    ways = Transmission.objects.filter(state__in=[State.WAITING, State.LISTED])
    unsaid = Cancellation.objects.filter(Q(transmission__route=Route.PHARMACY) | by_hand, state=Cancelling.WAITING)
    if not ways.exists() and not unsaid.exists():
        return  # as after most moments
    mine = list(demo.patients.values())
    for row in ways.filter(patient__in=mine).select_related("asked_by").order_by("asked_at"):
        if row.state == State.LISTED:
            actions.module_sent(row, number=f"CM-{row.asked_at:%y%m%d}-{str(row.pk.int)[-4:]}", by=row.asked_by)
            continue
        found = actions.begin(row)
        if isinstance(found, Transmission):
            actions.arrived(found, Receipt("printed"), by=None)
        _out_of_the_outbox(purpose(row))
    for told in unsaid.filter(patient__in=mine).select_related("transmission", "asked_by"):
        if told.transmission.route == Route.PHARMACY:
            actions.cancelled(told, Receipt("printed"), by=None)
            _out_of_the_outbox(f"cancellation:{told.pk}")
        else:
            actions.told(told, by=told.asked_by)


def _out_of_the_outbox(of: str) -> None:
    outbox.withdraw(of, why="the demo’s documents are made when they are opened")


def comes_back(demo: Demo) -> None:
    """What waits does not leave: the line is dead this morning."""
    for row in Transmission.objects.filter(state=State.WAITING, patient__in=list(demo.patients.values())):
        if isinstance(found := actions.begin(row), Transmission):
            actions.come_back(found, Undeliverable(NO_LINE).why, by=None)


def picked_up(demo: Demo) -> str:
    """What was filled was picked up the day after; a few are still on the shelf."""
    count = 0
    ways = Transmission.objects.filter(patient__in=list(demo.patients.values()))
    rows = ways.filter(state=State.FILLED).select_related("fill", "asked_by")
    for number, row in enumerate(rows.order_by("fill__filled_on", "pk")):
        if row.fill is None or row.fill.filled_on >= demo.today or number % 8 == 5:
            continue
        day = row.fill.filled_on + timedelta(days=1)
        with demo.at(day, 18, 30):
            actions.pick_up(row, on=day, told_by="pharmacy", by=row.asked_by)
        count += 1
    return f"{ways.count()} prescriptions on their way, {count} picked up"
