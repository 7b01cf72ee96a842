"""The demo's tapers, by the product's own actions: clonazepam with CBT-I, paused at step 3 by the therapist's check; a
lamotrigine titration under way; one that ended at the lower dose.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from clinic.demo import Demo, data
from medications.catalogue.models import Drug, Product
from medications.prescribing import actions as prescribing
from medications.prescribing.actions import Regimen, Supply
from medications.prescribing.demo import ANSWERS
from medications.prescribing.models import Prescription
from medications.tapers import actions
from medications.tapers.actions import Design
from medications.tapers.calc import Stair
from medications.tapers.enums import Kind
from medications.tapers.models import TaperPlan
from patients.plan import actions as plan
from patients.plan.enums import Agreement, Arm
from patients.plan.models import PlanVersion
from patients.record import actions as record
from patients.record.models import Patient

JOINT, PROPORTIONAL, PLAIN = "benzodiazepine_asam_2025", "antidepressant_proportional", "lamotrigine_plain"


def load(demo: Demo) -> str:
    """Three plans in three states."""
    courses = {"meiling": _clonazepam, "pilar": _lamotrigine, "xochitl": _ended}
    mine = [key for key in courses if key in demo.patients]
    for key in mine:
        courses[key](demo)
    return f"{len(mine)} tapers and titrations"


def _people(demo: Demo, key: str) -> tuple[Patient, Any, Any]:
    person = next(row for row in data()["patients"] if row["key"] == key)
    return demo.patients[key], demo.users[person["therapist"]], demo.users[person["prescriber"]]


def _start(demo: Demo, key: str, generic: str, strength: str, day: date, **more: Any) -> Prescription:
    """A drug that was started some time ago, for a month at a time."""
    patient, _, by = _people(demo, key)
    drug = Drug.objects.get(generic_name=generic)
    product = Product.objects.get(drug=drug, form="tablet", release="immediate", strength=Decimal(strength))
    lines = [{"when": "bedtime", "quantity": "1"}]
    with demo.at(day, 10, 40):
        return prescribing.prescribe(
            patient, regimen=Regimen(product, lines), supply=Supply(Decimal(30), 30), answers=ANSWERS, by=by, **more
        ).prescription


def _plan(
    demo: Demo, rx: Prescription, template: str, kind: Kind, day: date, floor: str, steps: Mapping[int, str], by: Any
) -> TaperPlan:
    stairs = [Stair(day + timedelta(days=after), Decimal(dose)) for after, dose in steps.items()]
    with demo.at(day, 11, 10):
        draft = actions.draft(rx, design=Design(kind, template, stairs, Decimal(floor)), by=by)
        return actions.start(draft, answers=ANSWERS, by=by)


def _step(demo: Demo, taper: TaperPlan, day: date, by: Any, checked_by: Any, severity: str = "none") -> None:
    with demo.at(day - timedelta(days=1), 15, 20):
        actions.record_check(taper, severity=severity, by=checked_by)
    with demo.at(day, 11, 30):
        step = next(one for one in taper.steps.filter(replaced_at=None, confirmed_at=None).order_by("number"))
        supply = actions.supply_for(taper, step, list(taper.steps.filter(replaced_at=None).order_by("number")))
        actions.confirm_step(taper, on=max(day, step.on_day), supply=supply, answers=ANSWERS, by=by)


def _clonazepam(demo: Demo) -> None:
    """Two steps taken; before the third the therapist hears of shaking and the taper pauses."""
    patient, therapist, by = _people(demo, "meiling")
    _cbti(demo, patient, therapist)
    began = demo.today - timedelta(days=70)
    with demo.at(began - timedelta(days=1), 10):
        record.record_fact(patient, key="seizure", answer="no", by=by)
    rx = _start(
        demo, "meiling", "clonazepam", "1", demo.today - timedelta(days=130), target_symptom="falling asleep",
        reason="taken over from the family doctor, at night for two years", seen="in_person",
    )  # fmt: skip
    steps = {7: "0.75", 35: "0.625", 70: "0.5", 98: "0.375", 126: "0.25", 154: "0"}
    taper = _plan(demo, rx, JOINT, Kind.TAPER, began, "0.25", steps, by)
    _step(demo, taper, began + timedelta(days=7), by, therapist)
    _step(demo, taper, began + timedelta(days=35), by, therapist)
    with demo.at(demo.today - timedelta(days=7), 11, 30):
        prescribing.authorise(rx, supply=Supply(Decimal(150), 30), answers=ANSWERS, by=by)
    with demo.at(demo.today - timedelta(days=4), 15, 30):
        words = "Shaking and sweats since Friday, sleeps three hours; CBT-I diary brought along."
        actions.record_check(taper, severity="significant", words=words, by=therapist)


def _cbti(demo: Demo, patient: Patient, therapist: Any) -> None:
    """The plan in force names CBT-I beside the taper (R-TA-03)."""
    with demo.at(demo.today - timedelta(days=11), 15):
        version = plan.draft(patient, by=therapist)
        problem = version.problem_rows.order_by("position").first()
        assert problem is not None
        plan.add_intervention(
            problem, arm=Arm.THERAPY, modality="cbti", frequency="weekly", duration="ten weeks", provider=therapist,
            by=therapist,
        )  # fmt: skip
        version = PlanVersion.objects.get(pk=version.pk)
        plan.sign(version, patient_agreed=Agreement.AGREED, by=therapist)


def _lamotrigine(demo: Demo) -> None:
    """Day 20: 50 mg are taken, 100 mg are next."""
    _, _, by = _people(demo, "pilar")
    began = demo.today - timedelta(days=20)
    rx = _start(
        demo, "pilar", "lamotrigine", "25", began, target_symptom="mood swings", reason="second depression this year"
    )
    taper = _plan(demo, rx, PLAIN, Kind.TITRATION, began, "25", {14: "50", 28: "100", 35: "200"}, by)
    _step(demo, taper, began + timedelta(days=14), by, by)


def _ended(demo: Demo) -> None:
    """Down to half and well there: the lower dose is a good end."""
    _, therapist, by = _people(demo, "xochitl")
    began = demo.today - timedelta(days=80)
    rx = _start(
        demo, "xochitl", "mirtazapine", "30", began - timedelta(days=25), target_symptom="sleep",
        reason="sleeps again since the summer",
    )  # fmt: skip
    taper = _plan(demo, rx, PROPORTIONAL, Kind.TAPER, began, "7.5", {7: "22.5", 35: "15", 63: "7.5", 91: "0"}, by)
    _step(demo, taper, began + timedelta(days=7), by, therapist)
    _step(demo, taper, began + timedelta(days=35), by, therapist)
    with demo.at(began + timedelta(days=55), 11, 40):
        actions.end(taper, outcome="lower_dose", reason="Sleeps well at 15 mg; she wants to stay.", by=by)
