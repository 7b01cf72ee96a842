"""What the tests of injections stand on: Ana has aripiprazole 400 mg every four weeks, ordered by Priya."""

from datetime import date, datetime, timedelta
from typing import Any

from clinic.staff.models import User
from medications.injections import actions
from medications.injections.models import Injection
from medications.prescribing.models import Prescription
from tests.cast import Cast
from tests.medications.prescribing.given import NOW, TODAY, depot


def ordered(cast: Cast, **more: Any) -> Prescription:
    """The prescription as it is stored."""
    return Prescription.objects.get(pk=depot(cast, **more).prescription_id)


def day(ahead: int) -> date:
    """So many days from today."""
    return TODAY + timedelta(days=ahead)


def moment(ahead: int) -> datetime:
    """Half past nine on that day."""
    return NOW + timedelta(days=ahead)


def given(row: Prescription, ahead: int = 0, *, by: User, **more: Any) -> Injection:
    """Given here into the left arm on a day."""
    known = {"what": "here", "on_day": day(ahead), "site": "deltoid_left", "lot": "AB12", **more}
    return actions.record(row, by=by, **known)
