"""The demo's results: kept as the record keeps them; a level 41 days overdue, a low count answered, one that waits."""

from datetime import date, datetime, timedelta
from typing import Any

from clinic import clock
from clinic.demo import ZONE, Demo, data
from medications.monitoring import demo as step
from medications.monitoring.models import Result
from patients.inbox.models import Task
from tests.cast import Cast, on_team, patient
from tests.medications.monitoring.given import ANC, LITHIUM, Everything, due_on
from tests.medications.prescribing.given import regimen, started

TODAY = date(2026, 11, 23)
TAKEN: dict[str, tuple[str, Any, date]] = {
    "henrike": ("lithium", 300, date(2025, 7, 23)), "babatunde": ("clozapine", 25, date(2026, 7, 8)),
    "cormac": ("lithium", 300, TODAY - timedelta(days=170)), "keola": ("quetiapine", 100, date(2026, 6, 1)),
    "rosalind": ("valproate", 250, TODAY - timedelta(days=150)),
}  # fmt: skip


def given(cast: Cast) -> Demo:
    """Five people, each on one medicine since its day."""
    demo = Demo(TODAY)
    demo.users = {row["prescriber"]: cast.priya for row in data()["patients"] if row["prescriber"]}
    for number, (key, (drug, strength, start)) in enumerate(TAKEN.items()):
        someone = patient(300 + number, key.capitalize(), "Test", cast.site, born_on=date(1959, 3, 3), sex="female")
        on_team(someone, cast.priya, "prescriber")
        demo.patients[key] = someone
        form = {"form": "tablet, delayed release"} if drug == "valproate" else {}
        with clock.at(datetime(start.year, start.month, start.day, 11, tzinfo=ZONE)):
            started(someone, by=cast.priya, regimen=_regimen(drug, strength, **form), answers=Everything())
    return demo


def _regimen(drug: str, strength: Any, **form: str) -> Any:
    from medications.catalogue.models import Product
    from medications.prescribing.actions import Regimen

    if not form:
        return regimen(drug, strength)
    one = Product.objects.select_related("drug").filter(drug__generic_name=drug, per="").order_by("strength")[0]
    return Regimen(one, [{"when": "morning", "quantity": "1"}])


def test_what_the_demo_shows(cast: Cast) -> None:
    demo = given(cast)
    with clock.at(datetime(2026, 11, 23, 12, tzinfo=ZONE)):
        step.load(demo)
        words = step.due(demo)
    assert words.endswith("due items")
    assert due_on(demo.patients["cormac"], LITHIUM) == TODAY - timedelta(days=41)
    assert due_on(demo.patients["henrike"], LITHIUM) == demo.day("2025-07-21", 58, 2) + timedelta(days=90)
    low = Result.objects.get(patient=demo.patients["babatunde"], code=ANC, value=1350)
    assert (low.level, low.handled_by) == ("watch", cast.priya)
    waits = Result.objects.get(patient=demo.patients["rosalind"], code="777-3", value=138)
    assert (waits.level, waits.handled_at) == ("watch", None)
    assert Task.objects.filter(kind="monitoring.alert", done_at=None).get().object_id == waits.pk
    assert Result.objects.count() < 400
