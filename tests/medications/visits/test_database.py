"""Each constraint and trigger of the visit broken once: the database refuses."""

from typing import Any

import pytest
from django.db import InternalError, connection, transaction

from medications.visits.models import Visit
from tests.cast import Cast
from tests.medications.visits.given import signed, written
from tests.refused import refused_by

BROKEN: list[tuple[str, dict[str, Any]]] = [
    ("visit_level_known", {"em_level": "extreme"}),
    ("visit_pressure_whole", {"systolic": 120}),
    ("visit_pressure_whole", {"diastolic": 80}),
    ("visit_pressure_whole", {"systolic": 80, "diastolic": 80}),
    ("visit_weight_positive", {"weight_kg": 0}),
    ("medications_visits_visit_pulse_check", {"pulse": -1}),
]


@pytest.mark.parametrize(("name", "change"), BROKEN)
def test_constraints(cast: Cast, name: str, change: dict[str, Any]) -> None:
    visit = written(cast)
    with refused_by(name):
        Visit.objects.filter(pk=visit.pk).update(**change)


def test_a_note_has_one_visit(cast: Cast) -> None:
    visit = written(cast)
    with refused_by("medications_visits_visit_note_id_key"):
        Visit.objects.create(note=visit.note, patient=cast.ana)


def test_what_was_signed_stays_r_hs_05(cast: Cast) -> None:
    visit = signed(cast)
    with pytest.raises(InternalError, match="cannot change"), transaction.atomic():
        Visit.objects.filter(pk=visit.pk).update(line="Another.")
    with pytest.raises(InternalError, match="never deleted"), transaction.atomic():
        Visit.objects.filter(pk=visit.pk).delete()


def test_never_emptied(db: None) -> None:
    with pytest.raises(InternalError, match="never emptied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE medications_visits_visit CASCADE")
