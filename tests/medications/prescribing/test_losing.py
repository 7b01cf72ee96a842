"""A supply that was lost: recorded with its reason, counted in the run-out, taken back when it was an error."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from clinic import clock
from clinic.audit.models import AuditEvent
from clinic.refusal import Refused
from clinic.web.templatetags.words import short_day
from medications.prescribing import actions, listing, queries
from medications.prescribing.models import LostSupply, Prescription
from tests.cast import Cast, client
from tests.medications.prescribing.given import NOW, TODAY, started
from tests.refused import refused_by


@pytest.fixture
def row(cast: Cast) -> Prescription:
    """Sertraline, thirty days of it had on the first day."""
    found = Prescription.objects.get(pk=started(cast.ana, by=cast.priya).prescription_id)
    actions.record_fill(
        found, filled_on=TODAY, quantity=Decimal(30), days_supply=30, told_by="pharmacy", by=cast.tess
    )  # fmt: skip
    return found


def day(ahead: int) -> date:
    return TODAY + timedelta(days=ahead)


def lost(row: Prescription, ahead: int = 10, **more: Any) -> LostSupply:
    with clock.at(NOW + timedelta(days=12)):
        return actions.record_loss(row, **{"lost_on": day(ahead), "reason": "Left on the bus.", **more})


def ends(row: Prescription) -> date | None:
    fresh = queries.with_orders(Prescription.objects.filter(pk=row.pk)).get()
    found = listing.line(fresh, day(12), {}, {}, ends=listing.run_out([fresh], day(12))).runs_out
    assert found is not None
    assert found.confirmed == found.told
    return found.on if found.told else None


def test_all_of_it_or_so_many_days(cast: Cast, row: Prescription) -> None:
    first = lost(row, by=cast.tess)
    assert ends(row) == day(10)
    actions.retract_loss(first, reason="Found again.", by=cast.tess)
    assert ends(row) == day(30)
    lost(row, by=cast.tess, days=4)
    assert ends(row) == day(26)


def test_it_is_in_the_audit_and_authorises_nothing(cast: Cast, row: Prescription) -> None:
    found = lost(row, by=cast.tess, days=4)
    event = AuditEvent.objects.get(what="prescribing.record_loss")
    assert (event.actor_id, event.patient_id, event.object_id) == (cast.tess.pk, cast.ana.pk, found.pk)
    assert row.authorisations.count() == 1


def test_told_twice_it_is_one(cast: Cast, row: Prescription) -> None:
    assert lost(row, by=cast.tess) == lost(row, by=cast.tess)
    with pytest.raises(Refused, match="A loss of that day is recorded already"):
        lost(row, by=cast.tess, days=3)


@pytest.mark.parametrize(
    ("field", "sentence", "fields"),
    [
        ("lost_on", "The day lies in the future. Correct the day.", {"ahead": 13}),
        ("lost_on", "Nothing was taken yet on that day. Correct the day.", {"ahead": -1}),
        ("days", "Write how many days of it are gone, 1 to 366, or nothing for all.", {"days": 0}),
        ("days", "Write how many days of it are gone, 1 to 366, or nothing for all.", {"days": 367}),
        ("reason", "Write what happened, in a line.", {"reason": "  "}),
    ],
)
def test_what_makes_no_sense(
    cast: Cast, row: Prescription, field: str, sentence: str, fields: dict[str, Any]
) -> None:  # fmt: skip
    with pytest.raises(Refused) as caught:
        lost(row, by=cast.tess, **fields)
    assert (caught.value.field, caught.value.sentence) == (field, sentence)


def test_only_of_what_is_prescribed_here_and_by_the_team(cast: Cast, row: Prescription) -> None:
    other = actions.report(cast.ana, drug_text="Tea", origin="reported", started_on=TODAY, by=cast.tess)
    with pytest.raises(Refused, match="recorded for what was prescribed here"):
        lost(other, by=cast.tess)
    with pytest.raises(Refused, match="Only the care team"):
        lost(row, by=cast.theo)


def test_an_error_is_struck_once(cast: Cast, row: Prescription) -> None:
    found = lost(row, by=cast.tess)
    with pytest.raises(Refused, match="Write what was wrong"):
        actions.retract_loss(found, reason="", by=cast.tess)
    actions.retract_loss(found, reason="Found again.", by=cast.tess)
    with pytest.raises(Refused, match="in error already"):
        actions.retract_loss(found, reason="Again.", by=cast.tess)


def test_the_pages(cast: Cast, row: Prescription) -> None:
    browser = client(cast.tess)
    keys = {"patient_id": cast.ana.pk, "pk": row.pk}
    tab = browser.get(reverse("prescribing:medication", kwargs={"patient_id": cast.ana.pk})).content.decode()
    assert reverse("prescribing:fill", kwargs=keys) in tab
    form = browser.get(reverse("prescribing:fill", kwargs=keys)).content.decode()
    assert reverse("prescribing:lost", kwargs=keys) in form
    assert "30 for 30 days, told by the pharmacy" in form
    assert f"until {short_day(day(30))}, counted from known fills" in tab
    assert f"lasts until {short_day(day(30))}, counted from known fills" in form
    with clock.at(NOW + timedelta(days=12)):
        browser = client(cast.tess)
        data = {"lost_on": day(10).isoformat(), "days": "x", "reason": "Left on the bus."}
        refused = browser.post(reverse("prescribing:lost", kwargs=keys), data)
        assert refused.status_code == 422
        assert "Write the days as a whole number." in refused.content.decode()
        assert 'value="Left on the bus."' in refused.content.decode()
        done = browser.post(reverse("prescribing:lost", kwargs=keys), data | {"days": ""}, follow=True)
        assert "It runs out sooner; a prescriber decides what replaces it." in done.content.decode()
        page = browser.get(reverse("prescribing:fill", kwargs=keys)).content.decode()
        assert "lost: all that was left. Left on the bus." in page
        found = LostSupply.objects.get()
        url = reverse("prescribing:loss_in_error", kwargs={"patient_id": cast.ana.pk, "pk": found.pk})
        page = browser.post(url, {"reason": "Found again."}, follow=True).content.decode()
        assert "entered in error: Found again." in page


def test_a_fill_entered_in_error_can_be_struck_from_the_page(cast: Cast, row: Prescription) -> None:
    fill = row.fills.get()
    url = reverse("prescribing:fill_in_error", kwargs={"patient_id": cast.ana.pk, "pk": fill.pk})
    page = client(cast.tess).post(url, {"reason": "Another patient’s."}, follow=True).content.decode()
    assert "entered in error: Another patient’s." in page
    assert ends(row) is None


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("loss_plausible", {"days": 0}), ("loss_plausible", {"days": 367}), ("loss_has_reason", {"reason": ""}),
        ("loss_retracted_whole", {"retracted_at": NOW}), ("loss_once_a_day", {"lost_on": TODAY}),
    ],
)  # fmt: skip
def test_the_database_refuses(cast: Cast, row: Prescription, name: str, fields: dict[str, Any]) -> None:
    known = {"prescription": row, "patient": cast.ana, "reason": "x", "recorded_at": NOW, "recorded_by": cast.tess}
    LostSupply.objects.create(**known, lost_on=TODAY)
    with refused_by(name):
        LostSupply.objects.create(**known | {"lost_on": day(1)} | fields)


def test_the_database_keeps_it(cast: Cast, row: Prescription) -> None:
    rows = LostSupply.objects.filter(pk=lost(row, by=cast.tess).pk)

    def refused(match: str, act: Any) -> None:
        with pytest.raises(DatabaseError, match=match), transaction.atomic():
            act()

    def empty() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("TRUNCATE medications_prescribing_lostsupply CASCADE")

    refused("does not change", lambda: rows.update(days=3))
    refused("nothing clinical is deleted", lambda: rows._raw_delete("default"))
    refused("never emptied", empty)
    rows.update(retracted_at=NOW, retracted_by=cast.tess, retracted_reason="x")
    refused("decided and stays", lambda: rows.update(retracted_at=None, retracted_by=None, retracted_reason=""))


@pytest.mark.parametrize(("ahead", "says"), [(0, "It runs out no sooner"), (10, "It runs out sooner")])
def test_whether_it_runs_out_sooner_is_said_as_it_is(cast: Cast, row: Prescription, ahead: int, says: str) -> None:
    """What is dispensed on the day of a loss replaces it: such a loss takes nothing, and the page says so."""
    url = reverse("prescribing:lost", kwargs={"patient_id": cast.ana.pk, "pk": row.pk})
    with clock.at(NOW + timedelta(days=12)):
        data = {"lost_on": day(ahead).isoformat(), "days": "5", "reason": "Left on the bus."}
        assert says in client(cast.tess).post(url, data, follow=True).content.decode()
