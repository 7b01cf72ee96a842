"""Names of patients for pages of clinic, which know them by id only (port PATIENT_NAMES)."""

from collections.abc import Iterable
from uuid import UUID

from clinic.ports import PatientName
from patients.record.models import Patient


class Labels:
    """Record numbers and names. Who asks has checked that the reader may see them."""

    def named(self, ids: Iterable[UUID]) -> dict[UUID, PatientName]:
        """Record number and name of each; one query."""
        rows = Patient.objects.filter(pk__in=set(ids)).values_list("pk", "number", "given_name", "family_name")
        return {pk: PatientName(number, f"{given} {family}") for pk, number, given, family in rows}

    def by_number(self, number: int) -> UUID | None:
        """The patient with this record number."""
        if not 0 < number < 2**31:
            return None
        return Patient.objects.filter(number=number).values_list("pk", flat=True).first()
