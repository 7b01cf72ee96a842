"""Prescriptions that the tests of medications start from."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from clinic import clock
from clinic.staff.models import User
from medications.catalogue.models import Product
from medications.prescribing import actions
from medications.prescribing.actions import Override, Regimen, Step, Supply
from medications.prescribing.models import DoseOrder, Prescription
from medications.safety.models import PdmpCheck
from patients.record.enums import FactKey
from patients.record.models import MedicalFact, Patient
from tests.cast import Cast, at

NOW = at("2026-03-02 09:30")
TODAY = date(2026, 3, 2)
WHY = Override("benefit", "Discussed, and watched closely.")


def product(drug: str, strength: str | int, form: str = "tablet", release: str = "immediate") -> Product:
    """A product of the catalogue by its drug and strength."""
    return Product.objects.select_related("drug").get(
        drug__generic_name=drug, form=form, release=release, strength=Decimal(strength)
    )


def regimen(drug: str = "sertraline", strength: str | int = 50, quantity: str = "1", when: str = "morning") -> Regimen:
    """So many of one tablet at one time of the day."""
    return Regimen(product(drug, strength), [{"when": when, "quantity": quantity}])


def supply(quantity: int | str = 30, days: int = 30, refills: int = 0) -> Supply:
    """A supply for a month."""
    return Supply(Decimal(quantity), days, refills)


def started(
    patient: Patient, *, by: User, drug: str = "sertraline", strength: str | int = 50, **more: Any
) -> DoseOrder:
    """A drug that was started; what is controlled in person, its program looked up the same day."""
    given: dict[str, Any] = {
        "regimen": regimen(drug, strength), "supply": supply(), "target_symptom": "low mood",
        "reason": "First episode, agreed.", **more,
    }  # fmt: skip
    if given["regimen"].product.drug.schedule and "seen" not in given:
        given["seen"], day = "in_person", clock.today(patient.zone)
        PdmpCheck.objects.create(
            patient=patient, looked_on=day, result="expected", recorded_at=clock.now(), recorded_by=by
        )
    return actions.prescribe(patient, by=by, **given)


def changed(prescription: Prescription, *, by: User, strength: str | int = 100, **more: Any) -> DoseOrder:
    """Its dose changed."""
    drug = prescription.drug.generic_name if prescription.drug else ""
    given: dict[str, Any] = {
        "regimen": regimen(drug, strength), "supply": supply(), "reason": "Partial response.", **more
    }  # fmt: skip
    return actions.change_dose(prescription, by=by, **given)


def answered(*codes: str) -> Mapping[str, Override]:
    """The same reason for each finding."""
    return dict.fromkeys(codes, WHY)


def asked_everything(patient: Patient, *, by: User) -> None:
    """Every medical fact answered "no", no known allergies: nothing is left not checked."""
    for key in FactKey.values:
        MedicalFact.objects.create(patient=patient, key=key, answer="no", recorded_at=NOW, recorded_by=by)
    patient.allergies, patient.allergies_asked_at, patient.allergies_asked_by = "none_known", NOW, by
    patient.save()


class Whatever(dict[str, Override]):
    """The same reason, whatever is found."""

    def get(self, key: str, default: Any = None) -> Any:
        """Always that reason."""
        return Override("benefit", "Discussed.")


def pack(*afters: int, quantity: int | str = 42, days: int = 28, refills: int = 0) -> dict[str, Any]:
    """Lamotrigine's starter: after 14 days two tablets of 25 mg instead of one, 42 for 28 days; more steps add one."""
    steps = [
        Step(after, regimen("lamotrigine", 25, str(number))) for number, after in enumerate(afters or (14,), start=2)
    ]
    return {"then": steps, "supply": supply(quantity, days, refills)}


def monthly(days: int = 28) -> Regimen:
    """Aripiprazole 400 mg, a long-acting injection."""
    found = Product.objects.select_related("drug").get(
        drug__generic_name="aripiprazole", form="injection, long-acting", strength=400
    )
    return Regimen(found, [{"when": "once", "quantity": "1"}], days)


def depot(cast: Cast, days: int = 28, **more: Any) -> DoseOrder:
    """That injection for Ana."""
    given = {"supply": Supply(Decimal(1), days), "answers": Whatever(), **more}
    return started(cast.ana, by=cast.priya, regimen=monthly(days), **given)


def patch(cast: Cast, days: int = 7) -> DoseOrder:
    """Clonidine 0.1 mg in 24 hours, a patch for a week."""
    found = Product.objects.select_related("drug").get(drug__generic_name="clonidine", form="patch", strength="0.1")
    regimen = Regimen(found, [{"when": "once", "quantity": "1"}], days)
    more: dict[str, Any] = {"supply": Supply(Decimal(4), 4 * days), "answers": Whatever()}
    return started(cast.ana, by=cast.priya, regimen=regimen, **more)
