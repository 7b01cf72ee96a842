"""The demo's prescriptions: started, changed, held and stopped by the product's own actions, checks answered."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from clinic.demo import Demo, data, stories
from medications.catalogue.models import Drug, Product
from medications.prescribing import actions, calc
from medications.prescribing.actions import Override, Regimen, Supply
from medications.prescribing.models import Authorisation, DoseOrder, Prescription
from medications.safety import actions as safety
from patients.plan import actions as plan
from patients.plan.enums import Agreement, Arm
from patients.plan.models import PlanVersion
from patients.record.models import Patient

FORMS = {"capsule": ("capsule",), "liquid": ("solution", "liquid", "concentrate", "suspension"), "tablet": ("tablet",)}
BY_VIDEO = ("aarav",)  # begun by telehealth, never examined in person
MORNING = ("morning",)
ENDS_IN = 4  # days from today, and up to eight more: most of these supplies are on the refill desk
NOT_BY_MOUTH = ("injection", "nasal", "rectal", "ODT")


class _Talked(dict[str, Override]):
    """The reason that a prescriber gives, whatever is found."""

    def get(self, key: str, default: Any = None) -> Any:
        """Always that reason."""
        return Override(
            "benefit", "Talked through with the patient; benefit outweighs the risk, seen again in two weeks."
        )


ANSWERS: Mapping[str, Override] = _Talked()


def load(demo: Demo) -> str:
    """Every order of the stories in the order of time, then what the other patients take."""
    live: dict[tuple[str, str], Prescription] = {}
    orders = sorted(_told(demo), key=lambda one: (one["day"], one["daily_mg"] == 0))
    for one in orders:
        _act(demo, one, live)
    for number, person in enumerate(data()["patients"]):
        if person["story"] is not None or person["key"] not in demo.patients:
            continue
        for medicine in person["medications"]:
            if medicine["dose"]:
                _simple(demo, person, medicine, number, live)
    _keep_supplied(demo, live)
    _outside(demo)
    demo.extra["prescriptions"] = live
    mine = list(demo.patients.values())
    made = Prescription.objects.filter(patient__in=mine), DoseOrder.objects.filter(patient__in=mine)
    return f"{made[0].count()} prescriptions, {made[1].count()} dose orders"


def _told(demo: Demo) -> Iterator[dict[str, Any]]:
    for story in stories():
        patient = story["patients"][0]
        if patient not in demo.patients:
            continue
        for order in story["orders"]:
            day = demo.day(story["start_date"], order["week"], 3)
            if day < demo.today and "series 2" not in order["sig"] and "series 3" not in order["sig"]:
                yield {**order, "day": day, "patient": patient}


def _act(demo: Demo, one: dict[str, Any], live: dict[tuple[str, str], Prescription]) -> None:
    patient: Patient = demo.patients[one["patient"]]
    by = demo.users[one["by"]]
    key = (one["patient"], one["generic"])
    with demo.at(one["day"], 11, 30):
        now = live.get(key)
        if now is not None:
            now.refresh_from_db()
        if one["kind"] == "hold" and now:
            actions.hold(now, reason=one["reason"], by=by)
            return
        if one["kind"] == "stop" and now:
            actions.stop(now, reason=one["reason"], answers=ANSWERS, by=by)
            live.pop(key)
            return
        regimen = regimen_of(one["generic"], Decimal(str(one["daily_mg"])), f"{one['drug']}: {one['sig']}")
        if regimen is None:
            return
        if now is None:
            order = started(demo, patient, one, regimen, by)
            live[key] = order.prescription
            return
        _go_on(now, one, regimen, by)


def started(demo: Demo, patient: Patient, one: dict[str, Any], regimen: Regimen, by: Any, **more: Any) -> DoseOrder:
    """A drug begun; what is controlled after a look into the program, and an examination unless by telehealth."""
    supply = one.get("supply") or supply_of(regimen, one)
    seen = ""
    if regimen.product.drug.schedule:
        seen = "video" if one["patient"] in BY_VIDEO else "in_person"
        safety.look_up(patient, result="expected", by=by)
        if seen == "in_person":
            safety.record_exam(patient, by=by)
    return actions.prescribe(
        patient, regimen=regimen, supply=supply, target_symptom=one.get("for", "")[:200], reason=one["reason"],
        problem=demo.extra["problems"].get(one["patient"]), answers=ANSWERS, seen=seen, by=by,
        **more,
    )  # fmt: skip


def _go_on(now: Prescription, one: dict[str, Any], regimen: Regimen, by: Any) -> None:
    """A change of dose, or a new supply of the dose as it is."""
    if now.held_at is not None:
        actions.resume(now, by=by)
        now.refresh_from_db()
    last = now.orders.filter(retracted_at=None).order_by("-from_day", "-signed_at").first()
    supply = supply_of(regimen, one)
    same = last is not None and (last.product_id, last.lines) == (regimen.product.pk, list(regimen.lines))
    if same:
        actions.authorise(now, supply=supply, answers=ANSWERS, by=by)
    else:
        actions.change_dose(now, regimen=regimen, supply=supply, reason=one["reason"], answers=ANSWERS, by=by)


def supply_of(regimen: Regimen, one: dict[str, Any]) -> Supply:
    """So many days of the dose, by `supply_days` and `refills`."""
    days = max(one["supply_days"], 1)
    per_day = calc.units_per_day(regimen.lines, regimen.every_days)
    whole = regimen.product.per != "mL"
    quantity = calc.quantity_for(days, per_day, every_days=regimen.every_days, whole=whole)
    return Supply(quantity, days, one["refills"])


def regimen_of(generic: str, daily: Decimal, sig: str) -> Regimen | None:
    """The product whose pieces make up the day's dose, the form that the story names first."""
    drug = Drug.objects.get(generic_name=generic)
    times = _times(sig)
    products = list(drug.products.filter(withdrawn=False, unit="mg").exclude(per__in=["h", "device", "24 h"]))
    named = [form for word, forms in FORMS.items() if word in sig for form in forms]
    slow = any(word in sig for word in (" XR", " XL", " ER", " SR"))

    def rank(one: Product) -> tuple[bool, bool, bool, bool, Decimal]:
        return (
            not any(f in one.form for f in named),
            (one.release == "extended") != slow,
            one.per != "",
            (daily / one.strength) % 1 != 0,  # whole tablets before halves
            -one.strength,
        )

    for product in sorted(products, key=rank):
        step = Decimal("0.1") if product.per == "mL" else Decimal("0.5") if product.divisible else Decimal(1)
        count = daily / product.strength
        if any(word in product.form for word in NOT_BY_MOUTH) or count % step or count > 12:
            continue
        return Regimen(product, _lines(count, times, step))
    return None


def _times(sig: str) -> tuple[str, ...]:
    if "three times" in sig or "divided" in sig:
        return ("morning", "afternoon", "bedtime")
    if "twice" in sig or "two doses" in sig or "morning and night" in sig:
        return ("morning", "bedtime")
    return ("bedtime",) if "night" in sig else MORNING


def _lines(count: Decimal, times: tuple[str, ...], step: Decimal) -> list[dict[str, str]]:
    """The pieces of a day over its times, the odd ones at the end of the day."""
    share = count / len(times) // step * step
    if share == 0:
        times, share = times[-1:], count
    shares = [share] * (len(times) - 1) + [count - share * (len(times) - 1)]
    return [{"when": when, "quantity": calc.short(amount)} for when, amount in zip(times, shares, strict=True)]


def _simple(
    demo: Demo, person: dict[str, Any], medicine: dict[str, Any], number: int, live: dict[tuple[str, str], Prescription]
) -> None:
    """One steady prescription of a patient without a story, started twenty weeks ago, supplied since in time."""
    daily = Decimal(medicine["dose"].split(" ")[0]) * (2 if medicine["how"] == "twice daily" else 1)
    regimen = regimen_of(medicine["generic"], daily, f"{medicine['drug']} {medicine['how']}")
    if regimen is None:
        return
    patient, by = demo.patients[person["key"]], demo.users[person["prescriber"]]
    start = max(demo.today - timedelta(days=140 + number), patient.registered_at.date() + timedelta(days=6))
    one = {"supply_days": 30, "refills": 0, "reason": "started here", "patient": person["key"]}
    schedule = regimen.product.drug.schedule
    with demo.at(start, 11, 30):
        order = started(demo, patient, one, regimen, by)
    live[(person["key"], medicine["generic"])] = order.prescription
    if start < demo.today - timedelta(days=35):
        refills = 0 if schedule == "II" else number % 4
        days = 30 if number % 3 else 90
        ago = min(days * (refills + 1) - ENDS_IN - number % 9, (demo.today - start).days - 1)
        issued = demo.today - timedelta(days=ago)
        with demo.at(issued, 11, 30):
            supply = supply_of(regimen, {"supply_days": days, "refills": refills})
            actions.authorise(order.prescription, supply=supply, answers=ANSWERS, by=by)


def _keep_supplied(demo: Demo, live: dict[tuple[str, str], Prescription]) -> None:
    """Courses that go on after their story was told: supplied again in the last weeks, a few near their end."""
    for number, prescription in enumerate(live.values()):
        last = prescription.authorisations.filter(voided_at=None).order_by("-issued_at").first()
        prescription.refresh_from_db()
        if last is None or prescription.held_at is not None:
            continue
        until = last.issued_on + timedelta(days=last.days_supply * (last.refills + 1))
        if until > demo.today + timedelta(days=3):
            continue
        order = last.order
        regimen = Regimen(order.product, order.lines, order.every_days, order.as_needed, order.max_per_day)
        ends = number % 2 == 0  # every other supply ends soon, so that the desk has something to decide
        refills = 0 if last.schedule == "II" or ends else 1
        with demo.at(demo.today - timedelta(days=(20 if ends else 5) + (number * 7) % 9), 11, 30):
            supply = supply_of(regimen, {"supply_days": 30, "refills": refills})
            actions.authorise(prescription, supply=supply, answers=ANSWERS, by=last.issued_by)


def _outside(demo: Demo) -> None:
    """What patients take from elsewhere, as they tell."""
    for key, generic, sig in (
        ("henrike", "ibuprofen", "400 mg if needed"), ("eleanor", "omeprazole", "20 mg each morning"),
        ("maren", "", "vitamin D, 1,000 units a day"),
    ):  # fmt: skip
        if key not in demo.patients:
            continue
        person = next(row for row in data()["patients"] if row["key"] == key)
        drug = Drug.objects.filter(generic_name=generic).first() if generic else None
        with demo.at(demo.today - timedelta(days=40), 11):
            actions.report(
                demo.patients[key], drug=drug, drug_text="" if drug else "vitamin D", origin="reported", sig_text=sig,
                started_on=demo.today - timedelta(days=60), by=demo.users[person["prescriber"]],
            )  # fmt: skip


def fills(demo: Demo) -> str:
    """What pharmacies told: each authorisation filled when it was written, and again in time; a few not told."""
    count = 0
    mine = Authorisation.objects.filter(patient__in=list(demo.patients.values()))
    rows = mine.select_related("issued_by", "prescription__patient").order_by("issued_on")
    for number, row in enumerate(rows):
        if number % 6 == 5:
            continue
        over = row.voided_at.date() if row.voided_at else demo.today
        day: date = (row.earliest_fill_on or row.issued_on) + timedelta(days=1)
        for _ in range(row.refills + 1):
            if day >= min(over, demo.today) or (row.expires_on and day > row.expires_on):
                break
            for when, thirds, partial in _parts(row, day, demo.today) if number % 17 == 4 else ((day, 3, False),):
                with demo.at(when, 18):
                    actions.record_fill(
                        row.prescription, filled_on=when, quantity=row.quantity * thirds / 3,
                        days_supply=row.days_supply * thirds // 3, told_by="pharmacy", partial=partial,
                        by=row.issued_by,
                    )  # fmt: skip
                count += 1
            day += timedelta(days=row.days_supply - 1)
    return f"{count} fills"


def _parts(row: Authorisation, day: date, today: date) -> Iterator[tuple[date, int, bool]]:
    """On which day how many thirds: one at first, because the pharmacy had no more, and the rest three days later."""
    even = row.quantity % 3 == 0 and row.days_supply % 3 == 0 and row.schedule != "II" and row.voided_at is None
    rest = day + timedelta(days=3)
    if not even or rest >= today:
        yield day, 3, False
        return
    yield day, 1, True
    yield rest, 2, False


def plans(demo: Demo) -> str:
    """The second version of each plan: reviewed in time, with the medication arm where something is taken."""
    count = 0
    for number, (key, patient) in enumerate(demo.patients.items()):
        mine = [row for (who, _), row in demo.extra["prescriptions"].items() if who == key]
        if not mine and number % 9 == 8:
            continue  # a few reviews are overdue, as people find them
        person = next(row for row in data()["patients"] if row["key"] == key)
        with demo.at(demo.today - timedelta(days=12), 15):
            count += _second(demo, patient, person, mine)
    return f"{count} plans reviewed, {len(demo.extra['prescriptions'])} medication arms"


def _second(demo: Demo, patient: Patient, person: dict[str, Any], mine: list[Prescription]) -> int:
    therapist = demo.users[person["therapist"]]
    version = plan.draft(patient, by=therapist)
    problem = version.problem_rows.order_by("position").first()
    assert problem is not None
    for prescription in mine:
        arm = plan.add_intervention(problem, arm=Arm.MEDICATION, by=therapist)
        prescriber = demo.users[person["prescriber"]]
        actions.link(prescription, problem=problem.problem, intervention=arm.intervention, by=prescriber)
    for row in version.objective_rows.all():
        if row.target_on and row.target_on <= demo.today:
            plan.change_objective(row, target_on=demo.today + timedelta(days=120), by=therapist)
    version = PlanVersion.objects.get(pk=version.pk)
    plan.sign(version, patient_agreed=Agreement.AGREED, by=therapist)
    return 1
