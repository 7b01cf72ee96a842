"""Reading what was attested of a patient: examinations in person, look-ups of the monitoring program."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import Max

from medications.safety.models import InPersonExam, PdmpCheck


def examined(patients: Iterable[UUID]) -> dict[UUID, date]:
    """The last examination in person of each patient (R-RX-09). One query."""
    rows = InPersonExam.objects.filter(patient__in=list(patients), retracted_at=None)
    return dict(rows.values_list("patient_id").annotate(Max("examined_on")))


def looked_up(patients: Iterable[UUID]) -> dict[UUID, date]:
    """The last look-up of each patient; one that was skipped is none (R-RX-10). One query."""
    rows = PdmpCheck.objects.filter(patient__in=list(patients), retracted_at=None).exclude(result="skipped")
    return dict(rows.values_list("patient_id").annotate(Max("looked_on")))
