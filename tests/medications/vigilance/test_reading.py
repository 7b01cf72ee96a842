"""The one statement of the night reads what a signature reads: people, lists and orders of every kind."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from clinic import clock
from medications.catalogue.calc import in_mg
from medications.catalogue.models import Drug, Product
from medications.monitoring.models import Result
from medications.prescribing import actions as prescribing
from medications.prescribing import queries as prescribed
from medications.prescribing.actions import Regimen
from medications.prescribing.models import DoseOrder, Prescription
from medications.safety import knowledge
from medications.safety import queries as safety
from medications.safety.facts import Limits, Proposed
from medications.safety.person import LABS
from medications.vigilance import actions, reading
from medications.vigilance.essence import Checks, Essence
from medications.vigilance.models import Rechecked
from medications.vigilance.queries import Due
from medications.vigilance.reading import Answers, Case
from patients.record.enums import FactKey
from patients.record.models import Allergy, Condition, MedicalFact, Patient, Reading
from tests.cast import Cast, on_team, patient
from tests.furnished import Everything
from tests.medications.prescribing.given import NOW, TODAY, changed, depot, started, supply

DRUGS: tuple[tuple[str, str | int], ...] = (
    ("lithium", 300), ("sertraline", 50), ("citalopram", 20), ("lamotrigine", 25), ("clonazepam", "0.5"),
    ("valproate", 250), ("clozapine", 25),
)  # fmt: skip
PARTS = ("sex", "allergies", "conditions", "answers", "readings", "events", "others")
OUTSIDE = ("ibuprofen", "sertraline", "phenelzine", "fluoxetine", "omeprazole", "tramadol", "Sleep gummies")


def ago(dice: random.Random, days: int = 400) -> datetime:
    return NOW - timedelta(days=dice.randrange(days), minutes=dice.randrange(900))


def dose(drug: str, strength: str | int, quantity: str) -> Regimen:
    """So many a day of what is swallowed whole in this strength."""
    one = Product.objects.select_related("drug").filter(drug__generic_name=drug, strength=Decimal(strength), per="")
    return Regimen(one.order_by("form", "release")[0], [{"when": "morning", "quantity": quantity}])


def somebody(cast: Cast, dice: random.Random, number: int) -> Patient:
    """A patient with orders, and rows of every kind, some in error, some answered anew."""
    who = patient(300 + number, f"P{number}", "Test", cast.site, sex=dice.choice(["female", "male", "other", ""]))
    on_team(who, cast.priya, "prescriber")
    Patient.objects.filter(pk=who.pk).update(
        born_on=TODAY - timedelta(days=dice.randrange(18 * 366, 90 * 366)),
        time_zone=dice.choice(["America/Los_Angeles", "Pacific/Kiritimati", "Pacific/Honolulu"]),
    )
    for drug, strength in dice.sample(DRUGS, dice.randrange(1, 5)):
        one, two = (dose(drug, strength, quantity) for quantity in ("1", "2"))
        order = started(who, by=cast.priya, regimen=one, answers=Everything())
        if dice.random() < 0.3 and drug != "valproate":
            changed(
                order.prescription, by=cast.priya, strength=strength, regimen=two,
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
        MedicalFact(key=dice.choice([*[FactKey.SMOKING, FactKey.ALCOHOL] * 4, FactKey.PREGNANT, *FactKey.values]),
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
        Reading(kind=one, value=Decimal(dice.choice(["45", "45", "88.5", "460"])), taken_on=ago(dice, 9).date(),
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


def cases(rows: Sequence[DoseOrder], checks: Checks | None = None) -> list[Case]:
    """The cases of these orders, which nobody has checked."""
    known = checks or Checks(knowledge.current(), Limits())
    due = [Due(str(row.pk), str(row.patient_id), 0, 0, "", row.product.drug.generic_name) for row in rows]
    night = actions.Night.of(known, {one.drug for one in due}, TODAY, NOW, None)
    return reading.cases(due, TODAY, NOW, known.known.longest_washout, night.columns)


def test_the_night_reads_what_a_signature_reads(cast: Cast) -> None:
    dice, checks = random.Random(11), Checks(knowledge.current(), Limits())
    some = [somebody(cast, dice, number) for number in range(36)]
    rows = {
        str(row.pk): row
        for row in DoseOrder.objects.filter(patient__in=some, from_day__lte=TODAY).select_related("product__drug")
    }
    found = {one.order: checks.essence(*reading.asked(one.text)) for one in cases(list(rows.values()), checks)}
    people = {one.pk: one for one in some}
    assert found == {key: at_a_signature(checks, people[row.patient_id], row) for key, row in rows.items()}
    kept = [one for one in found.values() if one is not None]
    assert len(set(kept)) > 30
    # What could be forgotten was there to be forgotten.
    assert [part for part in PARTS if not any(getattr(one, part) for one in kept)] == []
    assert {kind for one in kept for kind, _ in one.readings} == {"egfr", "pulse", "qtc"}
    assert {event for one in kept for event in one.events} == {"alcohol_use", "smoking_started", "smoking_stopped"}


def test_a_text_holds_no_key_of_a_row_and_who_is_alike_is_the_same_text(cast: Cast) -> None:
    on_team(cast.ben, cast.priya, "prescriber")
    Patient.objects.filter(pk=cast.ben.pk).update(sex=cast.ana.sex)
    rows = [started(who, by=cast.priya, answers=Everything()) for who in (cast.ana, cast.ben)]
    one, other = cases(rows)
    assert one.text == other.text


def test_an_injection_is_read_as_one(cast: Cast) -> None:
    (one,) = cases([depot(cast)])
    _, _, proposed = reading.asked(one.text)
    assert proposed.depot is True


def test_what_is_no_longer_in_force_is_not_read(cast: Cast) -> None:
    held, stopped, goes_on = (
        started(cast.ana, by=cast.priya, drug=drug, strength=strength, answers=Everything())
        for drug, strength in DRUGS[:3]
    )
    prescribing.hold(held.prescription, reason="Surgery.", by=cast.priya)
    prescribing.stop(stopped.prescription, reason="Over.", answers=Everything(), by=cast.priya)
    assert [one.order for one in cases([held, stopped, goes_on])] == [str(goes_on.pk)]


def test_what_another_worker_has_checked_meanwhile_is_not_read(cast: Cast) -> None:
    first, second = (
        started(cast.ana, by=cast.priya, drug=drug, strength=strength, answers=Everything())
        for drug, strength in DRUGS[:2]
    )
    Rechecked.objects.create(order=first, stamp="", facts=1, at=NOW)
    assert [one.order for one in cases([first, second])] == [str(second.pk)]


def test_a_drug_of_which_nothing_is_known_is_read_and_says_nothing(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya, answers=Everything())
    Drug.objects.filter(pk=order.product.drug_id).update(generic_name="newstatin")
    order.product.drug.refresh_from_db()
    checks = Checks(knowledge.current(), Limits())
    (one,) = cases([order], checks)
    assert Answers(checks).to(one.text) == ("newstatin", ())


def test_of_another_prescription_of_the_drug_counts_what_is_taken_from_today_on(cast: Cast) -> None:
    with clock.at(NOW - timedelta(days=30)):
        first, second = (started(cast.ana, by=cast.priya, strength=dose, answers=Everything()) for dose in (100, 50))
    changed(first.prescription, by=cast.priya, strength=25, answers=Everything())
    (one,) = cases([second])
    _, live, proposed = reading.asked(one.text)
    assert ([taken.daily_mg for taken in live], proposed.daily_mg) == ([Decimal(25)], Decimal(50))


def test_what_is_recorded_after_the_run_began_is_read(cast: Cast) -> None:
    """What does not weigh is named, so a code that nobody had until then is kept."""
    checks, order = Checks(knowledge.current(), Limits()), started(cast.ana, by=cast.priya, answers=Everything())
    due = [Due(str(order.pk), str(cast.ana.pk), 0, 0, "", "sertraline")]
    night = actions.Night.of(checks, {"sertraline"}, TODAY, NOW, None)
    given = {"patient": cast.ana, "recorded_by": cast.priya, "recorded_at": NOW}
    Condition.objects.create(code="F31.9", title="x", **given)
    Allergy.objects.create(kind="ingredient", name="sertraline", **given)
    (one,) = reading.cases(due, TODAY, NOW, 0, night.columns)
    facts, _, _ = reading.asked(one.text)
    assert (facts.conditions, [row.name for row in facts.allergies]) == (("F31.9",), ["sertraline"])
