"""What the tests of going through the list stand on: Ana takes sertraline from us and tramadol from elsewhere."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from clinic import clock
from clinic.staff.models import User
from medications.prescribing import actions as prescribing
from medications.prescribing.models import Prescription
from medications.reconciling import actions, queries
from medications.reconciling.actions import Said
from medications.reconciling.models import Reconciliation
from patients.record.models import Patient
from tests.cast import Cast
from tests.medications.prescribing.given import TODAY, answered, started


def ours(cast: Cast, **more: Any) -> Prescription:
    """Sertraline 50 mg, prescribed by Priya."""
    return Prescription.objects.get(pk=started(cast.ana, by=cast.priya, **more).prescription_id)


def elsewhere(cast: Cast, name: str = "Sleep gummies", origin: str = "reported") -> Prescription:
    """A medicine that the patient reports."""
    return prescribing.report(
        cast.ana, drug_text=name, origin=origin, sig_text="two at bedtime", started_on=TODAY, by=cast.tess
    )


def said(patient: Patient, answers: Mapping[Prescription, tuple[str, str] | str] | None = None) -> dict[UUID, Said]:
    """An answer for every line as the list is now; "confirmed" where none is given."""
    given = {row.pk: answer for row, answer in (answers or {}).items()}
    found = {}
    for one in queries.listed(patient.pk, clock.today(patient.zone)):
        answer = given.get(one.row.pk, "confirmed")
        answer, words = (answer, "") if isinstance(answer, str) else answer
        found[one.row.pk] = Said(one.base, answer, words)
    return found


def gone_through(
    cast: Cast, answers: Mapping[Prescription, tuple[str, str] | str] | None = None, *, by: User | None = None
) -> Reconciliation:
    """The list gone through by Tess, who knew of the last time."""
    last = queries.last(cast.ana.pk)
    return actions.go_through(
        cast.ana, said=said(cast.ana, answers), after=last.pk if last else None, by=by or cast.tess
    )


__all__ = ["TODAY", "answered", "elsewhere", "gone_through", "ours", "said"]
