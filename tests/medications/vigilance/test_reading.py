"""The one statement of the night reads what a signature reads: people, lists and orders of every kind."""

import random
from datetime import datetime, timedelta
from decimal import Decimal

from clinic import clock
from medications.catalogue.calc import in_mg
from medications.catalogue.models import Drug
from medications.monitoring.models import Result
from medications.prescribing import actions as prescribing
from medications.prescribing import queries as prescribed
from medications.prescribing.models import DoseOrder, Prescription
from medications.safety import knowledge
from medications.safety import queries as safety
from medications.safety.facts import Limits, Proposed
from medications.safety.person import LABS
from medications.vigilance import reading
from medications.vigilance.essence import Checks, Essence
from patients.record.enums import FactKey
from patients.record.models import Allergy, Condition, MedicalFact, Patient, Reading
from tests.cast import Cast, on_team, patient
from tests.furnished import Everything
from tests.medications.prescribing.given import NOW, TODAY, changed, depot, regimen, started, supply

DRUGS: tuple[tuple[str, str | int], ...] = (
    ("lithium", 300), ("sertraline", 50), ("citalopram", 20), ("lamotrigine", 25), ("clonazepam", "0.5"),
)  # fmt: skip
OUTSIDE = ("ibuprofen", "sertraline", "phenelzine", "fluoxetine", "omeprazole", "tramadol", "Sleep gummies")


def ago(dice: random.Random, days: int = 400) -> datetime:
    return NOW - timedelta(days=dice.randrange(days), minutes=dice.randrange(900))


def somebody(cast: Cast, dice: random.Random, number: int) -> Patient:
    """A patient with orders, and rows of every kind, some in error, some answered anew."""
    who = patient(300 + number, f"P{number}", "Test", cast.site, sex=dice.choice(["female", "male", "other", ""]))
    on_team(who, cast.priya, "prescriber")
    Patient.objects.filter(pk=who.pk).update(
        born_on=TODAY - timedelta(days=dice.randrange(18 * 366, 90 * 366)),
        time_zone=dice.choice(["America/Los_Angeles", "Pacific/Kiritimati", "Pacific/Honolulu"]),
    )
    for drug, strength in dice.sample(DRUGS, dice.randrange(1, 4)):
        order = started(who, by=cast.priya, drug=drug, strength=strength, answers=Everything())
        if dice.random() < 0.3:
            changed(
                order.prescription, by=cast.priya, strength=strength, regimen=regimen(drug, strength, "2"),
                supply=supply(60), from_day=TODAY + timedelta(days=2), answers=Everything(),
            )  # fmt: skip
    for name in dice.sample(OUTSIDE, dice.randrange(4)):
        prescribing.report(who, drug_text=name, origin=dice.choice(["outside", "reported"]), by=cast.priya,
                           started_on=TODAY - timedelta(days=90))  # fmt: skip
    gone = list(Prescription.objects.filter(patient=who).exclude(origin="ours"))[: dice.randrange(2)]
    for row in gone:
        prescribing.stop(row, reason="Over.", on=TODAY - timedelta(days=dice.randrange(60)), by=cast.priya)
    _told(cast, who, dice)
    return Patient.objects.get(pk=who.pk)


def _told(cast: Cast, who: Patient, dice: random.Random) -> None:
    def error() -> dict[str, object]:
        wrong = dice.random() < 0.2
        given = {"retracted_at": NOW, "retracted_by": cast.priya, "retracted_reason": "wrong chart"}
        return {"patient": who, "recorded_by": cast.priya, "recorded_at": ago(dice), **(given if wrong else {})}

    MedicalFact.objects.bulk_create(
        MedicalFact(key=dice.choice([FactKey.SMOKING, FactKey.PREGNANT, *FactKey.values]),
                    answer=dice.choice(["yes", "no", "unsure"]), **error())
        for _ in range(60)
    )  # fmt: skip
    same = error()
    for answer in ("yes", "no"):  # of one moment the later key counts
        MedicalFact.objects.create(key="kidney", answer=answer, **same)
    names = dice.sample(["sertraline", "SSRI", "lithium", "eggs", "ibuprofen"], 2)
    Allergy.objects.bulk_create(
        Allergy(kind=dice.choice(["ingredient", "class"]), name=one, **error()) for one in names
    )
    Condition.objects.bulk_create(
        Condition(code=one, title="x", resolved_on=dice.choice([None, None, TODAY]), **error())
        for one in dice.sample(["F31.9", "N18.4", "I45.81", "G40.9", "I10", "M54.5"], 3)
    )
    taken = [dice.choice(["pressure", "pulse", "qtc", "egfr"]) for _ in range(8)]
    Reading.objects.bulk_create(
        Reading(kind=one, value=dice.choice([Decimal(45), Decimal("88.5"), Decimal(460)]), taken_on=ago(dice, 9).date(),
                lower=Decimal(40) if one == "pressure" else None, **error())
        for one in taken
    )  # fmt: skip
    Result.objects.bulk_create(
        Result(code=dice.choice([*LABS, "2823-3"]), value=Decimal(dice.randrange(20, 520)), taken_at=ago(dice, 9),
               knowledge_version="x", **error())
        for _ in range(5)
    )  # fmt: skip


def at_a_signature(checks: Checks, who: Patient, row: DoseOrder) -> Essence | None:
    """The case as the pages of prescribing load it."""
    today = TODAY  # the practice's
    facts = safety.facts(who, clock.today(who.zone))
    live = prescribed.taken(who.pk, today, checks.known.longest_washout)
    drug = row.product.drug.generic_name
    proposed = Proposed(
        drug, drug, in_mg(row.daily_amount, row.unit), facts.today, str(row.prescription_id), starts=False,
        depot=prescribed.is_depot(row), product_max_mg=row.product.max_mg_per_day,
    )  # fmt: skip
    return checks.essence(facts, live, proposed)


def test_the_night_reads_what_a_signature_reads(cast: Cast) -> None:
    dice, checks = random.Random(11), Checks(knowledge.current(), Limits())
    some = [somebody(cast, dice, number) for number in range(36)]
    rows = {
        row.pk: row
        for row in DoseOrder.objects.filter(patient__in=some, from_day__lte=TODAY).select_related("product__drug")
    }
    read = reading.people([str(one.pk) for one in some], list(map(str, rows)), TODAY, checks.known)
    found: dict[str, Essence | None] = {
        order: checks.essence(one.facts, one.live, proposed) for one in read for order, proposed in one.orders
    }
    people = {str(one.pk): one for one in some}
    assert found == {str(key): at_a_signature(checks, people[str(row.patient_id)], row) for key, row in rows.items()}
    assert len(set(found.values())) > 30
    for one in read:
        whole = safety.facts(people[one.key], one.facts.today)
        assert (one.facts.readings, one.facts.events) == (whole.readings, whole.events)
        assert sorted(one.facts.conditions) == sorted(whole.conditions)


def test_an_injection_is_read_as_one(cast: Cast) -> None:
    order = depot(cast)
    ((_, proposed),) = reading.people([str(cast.ana.pk)], [str(order.pk)], TODAY, knowledge.current())[0].orders
    assert proposed.depot is True


def test_what_is_no_longer_in_force_is_not_read(cast: Cast) -> None:
    held, stopped, goes_on = (
        started(cast.ana, by=cast.priya, drug=drug, strength=strength, answers=Everything())
        for drug, strength in DRUGS[:3]
    )
    prescribing.hold(held.prescription, reason="Surgery.", by=cast.priya)
    prescribing.stop(stopped.prescription, reason="Over.", answers=Everything(), by=cast.priya)
    (one,) = reading.people(
        [str(cast.ana.pk)], [str(row.pk) for row in (held, stopped, goes_on)], TODAY, knowledge.current()
    )
    assert [order for order, _ in one.orders] == [str(goes_on.pk)]
    assert Drug.objects.filter(generic_name=one.orders[0][1].drug).exists() is True


def test_of_another_prescription_of_the_drug_counts_what_is_taken_from_today_on(cast: Cast) -> None:
    with clock.at(NOW - timedelta(days=30)):
        first, second = (started(cast.ana, by=cast.priya, strength=dose, answers=Everything()) for dose in (100, 50))
    changed(first.prescription, by=cast.priya, strength=25, answers=Everything())
    (one,) = reading.people([str(cast.ana.pk)], [str(second.pk)], TODAY, knowledge.current())
    assert sorted(taken.daily_mg or 0 for taken in one.live) == [25, 50]
