"""What is overridden most: counts without patients; a check that asks may be lowered by name, never a stop."""

from typing import Any

import pytest
from django.db import InternalError, transaction

from clinic import clock
from clinic.audit.models import AuditEvent
from clinic.refusal import Refused
from medications.prescribing import actions as prescribing
from medications.safety import actions as safety
from medications.safety import queries as reading
from medications.safety import rules
from medications.safety.knowledge import current
from medications.safety.models import Tuning
from medications.vigilance.queries import overridden
from tests.cast import BEGINNING, Cast, client
from tests.furnished import Everything
from tests.medications.prescribing.given import NOW, TODAY, asked_everything, regimen, started
from tests.refused import refused_by

WHY = "Sodium is measured in everybody here."
PAGE = "/vigilance/overrides/"


def signed(cast: Cast) -> None:
    """Ana: lithium with ibuprofen twice asked, an allergy overridden; Ben: once."""
    for patient, by in ((cast.ana, cast.priya), (cast.ben, cast.paul)):
        asked_everything(patient, by=by)
        prescribing.report(patient, drug_text="ibuprofen", origin="outside", started_on=TODAY, by=by)
        started(patient, by=by, regimen=regimen("sertraline", 50), answers=Everything())
        prescribing.report(patient, drug_text="tramadol", origin="outside", started_on=TODAY, by=by)
    started(cast.ana, by=cast.priya, regimen=regimen("escitalopram", 10), answers=Everything())


def test_counts_by_rule_without_patients_the_most_first(cast: Cast) -> None:
    signed(cast)
    page = client(cast.max).get(PAGE).content.decode()
    for name in ("Quiroga", "Annie", "Zimmermann", "Discussed, and watched"):
        assert name not in page
    assert "Escitalopram" not in page.split("Tuned by the practice")[1]
    assert "a stop is never lowered" in page
    rows = overridden(clock.now(), current())
    assert [row.times for row in rows] == sorted((row.times for row in rows), reverse=True)
    assert {(row.level, row.times, row.prescribers) for row in rows} >= {("stop", 1, 1), ("ask", 1, 1)}


def test_who_may_see_and_who_may_tune(cast: Cast) -> None:
    for user, sees, tunes in (
        (cast.priya, 200, 200),
        (cast.max, 200, 404),
        (cast.tess, 404, 404),
        (cast.fran, 404, 404),
    ):
        assert client(user).get(PAGE).status_code == sees
        assert client(user).get(f"{PAGE}CC-160/lower/").status_code == tunes
    with pytest.raises(Refused, match="Only a prescriber"):
        safety.lower("CC-160", reason=WHY, by=cast.max)


def test_lowered_by_name_with_a_reason_and_a_day_and_audited(cast: Cast) -> None:
    browser = client(cast.priya)
    kept = browser.post(f"{PAGE}CC-160/lower/", {"reason": "short"})
    assert (kept.status_code, b"Write why, in 10 characters or more" in kept.content) == (422, True)
    assert browser.post(f"{PAGE}CC-160/lower/", {"reason": WHY}).status_code == 302
    row = Tuning.objects.get()
    assert (row.rule_id, row.reason, row.began_by, row.began_at) == ("CC-160", WHY, cast.priya, NOW)
    assert reading.limits(TODAY).lowered == {"CC-160"}
    event = AuditEvent.objects.get(what="safety.lower")
    assert (event.actor_id, event.detail, event.why) == (cast.priya.pk, {"rule": "CC-160"}, WHY)
    with pytest.raises(Refused, match="already"):
        safety.lower("CC-160", reason=WHY, by=cast.paul)
    assert (
        browser.post(f"/vigilance/tunings/{row.pk}/ask-again/", {"reason": "Two falls this winter."}).status_code == 302
    )
    assert reading.limits(TODAY).lowered == frozenset()
    assert b"Two falls this winter." in client(cast.max).get(PAGE).content
    with pytest.raises(Refused, match="already"):
        safety.ask_again(row, reason="Two falls this winter.", by=cast.priya)


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("IX-001", "never lowered"),  # contraindicated
        ("CC-001", "never lowered"),
        ("CC-047", "never lowered"),  # citalopram
        ("IX-006", ""),
        ("R-RX-14", "Only checks of the reference data"),
        ("label", "Only checks of the reference data"),
        ("IX-999", "Only checks of the reference data"),
    ],
)
def test_a_stop_or_a_rule_of_law_is_never_lowered(cast: Cast, rule: str, says: str) -> None:
    if not says:
        assert rules.may_be_lowered(rule) == (rules.severity(rule) == "major")
        return
    with pytest.raises(Refused, match=says):
        safety.lower(rule, reason=WHY, by=cast.priya)


def test_what_the_database_refuses(cast: Cast) -> None:
    made: dict[str, Any] = {"rule_id": "CC-160", "reason": WHY, "began_at": NOW, "began_by": cast.priya}
    row = Tuning.objects.create(**made)
    with refused_by("tuning_once_while_it_lasts"):
        Tuning.objects.create(**made)
    for rule in ("R-RX-14", "label", "CC-1", "XX-001"):
        with refused_by("tuning_of_the_data"):
            Tuning.objects.create(**{**made, "rule_id": rule})
    with refused_by("tuning_has_reason"):
        Tuning.objects.create(**{**made, "rule_id": "CC-161", "reason": ""})
    for wrong in ({"ended_at": NOW}, {"ended_at": BEGINNING, "ended_by": cast.paul, "ended_reason": "x"}):
        with refused_by("tuning_ended_whole"):
            Tuning.objects.filter(pk=row.pk).update(**wrong)
    Tuning.objects.filter(pk=row.pk).update(ended_at=NOW, ended_by=cast.paul, ended_reason="x")
    for change in ({"ended_reason": "y"}, {"reason": "y"}):
        with pytest.raises(InternalError), transaction.atomic():
            Tuning.objects.filter(pk=row.pk).update(**change)
    with pytest.raises(InternalError, match="Cannot delete"), transaction.atomic():
        Tuning.objects.filter(pk=row.pk)._raw_delete("default")
