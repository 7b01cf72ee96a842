"""The demo's long-acting injection: ordered and given month after month by the product's actions; the next is late."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from clinic.demo import Demo, data
from medications.catalogue.models import Product
from medications.injections import actions
from medications.injections.enums import Site, What
from medications.injections.models import Injection
from medications.prescribing import actions as prescribing
from medications.prescribing.actions import Regimen, Supply
from medications.prescribing.demo import ANSWERS
from medications.prescribing.models import Prescription

EVERY = 28  # days
TIMES = 6
LATE = 3  # days since the next one was due
ARMS = (Site.DELTOID_LEFT, Site.DELTOID_RIGHT)


def load(demo: Demo) -> str:
    """Everybody whose medicine is told as monthly and exists as a depot of that dose."""
    for person, generic, strength in _told(demo):
        product = Product.objects.filter(
            drug__generic_name=generic, form__contains="long-acting", strength=strength, withdrawn=False
        ).first()
        if product is not None:
            _course(demo, person, product)
    count = Injection.objects.filter(patient__in=demo.patients.values()).count()
    return f"{count} long-acting injections given"


def due(demo: Demo) -> str:
    """Who is asked for an injection, as the nightly job finds it."""
    return f"{actions.watch()['due']} injections due"


def _told(demo: Demo) -> Iterator[tuple[Mapping[str, Any], str, Decimal]]:
    for person in data()["patients"]:
        for medicine in person["medications"]:
            if person["key"] in demo.patients and medicine["how"] == "monthly":
                yield person, medicine["generic"], Decimal(medicine["dose"].split(" ")[0])


def _course(demo: Demo, person: Mapping[str, Any], product: Product) -> None:
    patient, by = demo.patients[person["key"]], demo.users[person["prescriber"]]
    first = max(demo.today - timedelta(days=EVERY * TIMES + LATE), patient.registered_at.date() + timedelta(days=6))
    regimen = Regimen(product, [{"when": "once", "quantity": "1"}], EVERY)
    with demo.at(first, 11, 30):
        row = prescribing.prescribe(
            patient, regimen=regimen, supply=Supply(Decimal(1), EVERY, 11), target_symptom="voices",
            reason="Well on it before; monthly, so that no day hangs on a tablet.",
            problem=demo.extra["problems"].get(person["key"]), answers=ANSWERS, by=by,
        ).prescription  # fmt: skip
    demo.extra["prescriptions"][person["key"], product.drug.generic_name] = row  # the plan shows it, fills follow
    for number, day in enumerate(_days(first, demo.today)):
        with demo.at(day, 11, 45):
            _given(row, day, number, by)


def _days(first: date, today: date) -> Iterator[date]:
    """Every so many days; the last of them is as long ago as makes the next one late."""
    day = first
    while day + timedelta(days=EVERY) <= today:
        yield day
        day += timedelta(days=EVERY)


def _given(row: Prescription, day: date, number: int, by: Any) -> None:
    actions.record(
        row, what=What.HERE, on_day=day, site=ARMS[number % 2], lot=f"PLB{4100 + number}",
        words="Well tolerated; some soreness for a day." if number == 0 else "", by=by,
    )  # fmt: skip
