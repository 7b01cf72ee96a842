"""Each constraint and trigger of the way broken once: the database refuses."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DataError, InternalError, connection, transaction

from clinic.rows import new_id
from medications.pharmacies import actions
from medications.pharmacies.models import Cancellation, Pharmacy, PickUp, PreferredPharmacy, Transmission
from medications.prescribing import actions as prescribing
from medications.prescribing.models import Fill, Prescription
from tests.cast import Cast
from tests.medications.pharmacies.given import BackEnd, chosen, fill, later, pharmacy, sent, way
from tests.medications.prescribing.given import NOW, TODAY, regimen, started
from tests.refused import refused_by

SOON = NOW + timedelta(seconds=10)


@pytest.fixture
def row(cast: Cast) -> Transmission:
    """Waiting, to a pharmacy; Ana has a fill of another medicine."""
    chosen(cast)
    return way(started(cast.ana, by=cast.priya))


def set_to(row: Transmission, cast: Cast, **fields: Any) -> None:
    """Straight into the table."""
    known = {"by": cast.priya, "fill": Fill.objects.first(), "pick_up": PickUp.objects.first()}
    Transmission.objects.filter(pk=row.pk).update(
        **{name: known.get(value, value) if isinstance(value, str) else value for name, value in fields.items()}
    )


SENT = {"state": "sent", "sent_at": SOON, "how": "printed"}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("transmission_state_known", {"state": "lost"}),
        ("transmission_module_is_listed", {"state": "listed"}),
        ("transmission_waits_untouched", {"sending_at": SOON}),
        ("transmission_waits_untouched", {"sent_at": SOON, "how": "printed"}),
        ("transmission_waits_untouched", {"fill": "fill"}),
        ("transmission_sending_since", {"state": "sending"}),
        ("transmission_sent_whole", {"state": "cancelled", "sent_at": SOON, "cancelled_at": SOON, "cancelled_by": "by",
                                     "cancelled_why": "x"}),
        ("transmission_sent_whole", {"state": "undone", "how": "printed", "undone_at": SOON, "undone_by": "by",
                                     "undone_why": "x"}),
        ("transmission_sent_at_a_time", {"state": "sent"}),
        ("transmission_sent_at_a_time", {"state": "filled", "fill": "fill"}),
        ("transmission_sent_not_filled", SENT | {"fill": "fill"}),
        ("transmission_filled_by_a_fill", SENT | {"state": "filled"}),
        ("transmission_filled_by_a_fill", SENT | {"state": "filled", "fill": "fill", "pick_up": "pick_up"}),
        ("transmission_picked_up_by_somebody", SENT | {"state": "picked_up", "fill": "fill"}),
        ("transmission_failed_at_a_time", {"state": "failed"}),
        ("transmission_failed_whole", {"state": "failed", "failed_at": SOON}),
        ("transmission_failed_whole", SENT | {"failed_why": "x"}),
        ("transmission_undone_before_it_left", {"state": "undone"}),
        ("transmission_undone_before_it_left", {"undone_at": SOON, "undone_by": "by", "undone_why": "x"}),
        ("transmission_undone_before_it_left", {"state": "undone", "undone_at": SOON, "undone_by": "by",
                                                "undone_why": "x", "sending_at": SOON}),
        ("transmission_undone_whole", {"state": "undone", "undone_at": SOON, "undone_why": "x"}),
        ("transmission_undone_whole", {"state": "undone", "undone_at": SOON, "undone_by": "by"}),
        ("transmission_cancelled_at_a_time", {"state": "cancelled"}),
        ("transmission_cancelled_at_a_time", SENT | {"cancelled_at": SOON, "cancelled_by": "by", "cancelled_why": "x"}),
        ("transmission_cancelled_whole", {"state": "cancelled", "cancelled_at": SOON, "cancelled_by": "by"}),
    ],
)  # fmt: skip
def test_states_have_their_times_and_persons(cast: Cast, row: Transmission, name: str, change: dict[str, Any]) -> None:
    other = way(started(cast.ana, by=cast.priya, drug="buspirone", strength=10))
    told = fill(other, by=cast.priya)
    PickUp.objects.create(patient=cast.ana, fill=told, on=TODAY, told_by="pharmacy", recorded_at=NOW)
    with refused_by(name):
        set_to(row, cast, **change)


def another(row: Transmission, **fields: Any) -> None:
    """Another transmission like it, with differences."""
    copy = Transmission.objects.get(pk=row.pk)
    copy.pk, copy._state.adding, copy.code = new_id(), True, "0000-0000-0000"
    for name, value in fields.items():
        setattr(copy, name, value)
    copy.save(force_insert=True)


def test_one_live_transmission_an_authorisation(row: Transmission) -> None:
    with refused_by("transmission_one_live"):
        another(row)
    another(row, state="failed", failed_at=NOW, failed_why="x")


def test_a_code_stands_on_one(row: Transmission) -> None:
    with refused_by("transmission_code_once"):
        another(row, state="failed", failed_at=NOW, failed_why="x", code=row.code)


def test_one_replaces_one(row: Transmission) -> None:
    over = {"state": "failed", "failed_at": NOW, "failed_why": "x", "replaces": row}
    another(row, **over)
    with refused_by("medications_pharmacies_transmission_replaces_id_key"):
        another(row, **over, code="1111-1111-1111")


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("transmission_route_fits", {"pharmacy": None}),
        ("transmission_route_fits", {"route": "paper"}),
        ("transmission_controlled_by_module", {"schedule": "IV"}),
        ("transmission_controlled_by_module", {"code": ""}),
        ("transmission_leaves_after_it_was_asked", {"leaves_at": NOW - timedelta(seconds=1)}),
    ],
)
def test_how_it_leaves(row: Transmission, name: str, change: dict[str, Any]) -> None:
    with refused_by(name):
        another(row, state="failed", failed_at=NOW, failed_why="x", **change)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("transmission_controlled_by_module", {"content": {"patient": "Ana"}}),
        ("transmission_controlled_by_module", {"code": "0000-0000-0000"}),
        ("transmission_controlled_by_module", {"schedule": ""}),
        ("transmission_module_is_listed", {"state": "failed", "failed_at": NOW, "failed_why": "x"}),
        ("transmission_module_sent_by_somebody", SENT),
        ("transmission_module_sent_by_somebody", SENT | {"reference": "X-1"}),
    ],
)
def test_a_controlled_substance_is_never_ours_to_send_r_rx_06(cast: Cast, name: str, change: dict[str, Any]) -> None:
    row = way(started(cast.ana, by=cast.priya, regimen=regimen("lorazepam", "0.5"), target_symptom="panic"))
    elsewhere = way(started(cast.ben, by=cast.paul)).authorisation
    undone = {"state": "undone", "undone_at": NOW, "undone_by": cast.priya, "undone_why": "x"}
    fine = {"code": "", "authorisation": elsewhere} | ({} if "state" in change else undone)
    with refused_by(name):
        another(row, **fine | change)


def test_what_was_signed_stays_and_what_is_over_stays_over(cast: Cast, row: Transmission) -> None:
    mine = Transmission.objects.filter(pk=row.pk)
    for change in (
        lambda: mine.update(content={}),
        lambda: mine.update(code="0000-0000-0000"),
        lambda: mine.update(leaves_at=NOW + timedelta(days=1)),
        lambda: mine.delete(),
    ):
        with pytest.raises(InternalError), transaction.atomic():
            change()
    actions.undo(row, by=cast.priya)
    for late in ({"state": "waiting"}, {"undone_why": "y"}):
        with pytest.raises(InternalError), transaction.atomic():
            mine.update(**late)


def test_what_is_sent_failed_or_discontinued_keeps_its_moment(cast: Cast, back_end: type[BackEnd]) -> None:
    chosen(cast)
    row = sent(cast)
    mine = Transmission.objects.filter(pk=row.pk)
    with pytest.raises(InternalError), transaction.atomic():
        mine.update(how="by pigeon")
    prescribing.stop(Prescription.objects.get(pk=row.authorisation.prescription_id), reason="Nausea.", by=cast.priya)
    with pytest.raises(InternalError), transaction.atomic():
        mine.update(state="sent", cancelled_at=None, cancelled_by=None, cancelled_why="")
    other = way(started(cast.ana, by=cast.priya, drug="buspirone", strength=10))
    actions.come_back(other, "No line.", by=None)
    with pytest.raises(InternalError), transaction.atomic():
        Transmission.objects.filter(pk=other.pk).update(failed_why="Another reason.")


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("cancellation_state_known", {"state": "lost"}),
        ("cancellation_sent_at_a_time", {"state": "sent"}),
        ("cancellation_sent_at_a_time", {"sent_at": SOON, "how": "printed"}),
        ("cancellation_sent_whole", {"state": "sent", "sent_at": SOON}),
        ("cancellation_failed_at_a_time", {"state": "failed"}),
        ("cancellation_failed_whole", {"state": "failed", "failed_at": SOON}),
    ],
)
def test_cancellations(cast: Cast, back_end: type[BackEnd], name: str, change: dict[str, Any]) -> None:
    row = sent(cast)
    prescribing.stop(Prescription.objects.get(pk=row.authorisation.prescription_id), reason="Nausea.", by=cast.priya)
    with refused_by(name):
        Cancellation.objects.update(**change)
    told = Cancellation.objects.get()
    with pytest.raises(InternalError), transaction.atomic():
        Cancellation.objects.update(why="Another.")
    actions.told(told, by=cast.priya)
    with pytest.raises(InternalError), transaction.atomic():
        Cancellation.objects.update(how="by pigeon")


def test_a_cancellation_has_its_reason(cast: Cast, back_end: type[BackEnd]) -> None:
    row = sent(cast)
    with refused_by("cancellation_has_reason"):
        Cancellation.objects.create(transmission=row, patient=cast.ana, why="", asked_at=NOW, asked_by=cast.priya)


def test_pick_ups(cast: Cast, back_end: type[BackEnd]) -> None:
    told = fill(sent(cast), by=cast.priya)
    known = {"patient": cast.ana, "fill": told, "on": TODAY, "told_by": "pharmacy", "recorded_at": NOW}
    made = PickUp.objects.create(**known)
    with refused_by("pick_up_once_a_fill"):
        PickUp.objects.create(**known)
    with refused_by("pick_up_retracted_whole"):
        PickUp.objects.update(retracted_at=NOW)
    for change in ({"on": TODAY - timedelta(days=1)}, {"told_by": "patient"}):
        with pytest.raises(InternalError), transaction.atomic():
            PickUp.objects.update(**change)
    whole = {"retracted_at": NOW, "retracted_by": cast.priya, "retracted_reason": "x"}
    PickUp.objects.update(**whole)
    with pytest.raises(InternalError), transaction.atomic():
        PickUp.objects.filter(pk=made.pk).update(retracted_reason="y")


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("pharmacy_named", {"name": ""}),
        ("pharmacy_named", {"city": ""}),
        ("pharmacy_ncpdp_seven_digits", {"ncpdp_id": "12345a7"}),
        ("pharmacy_ncpdp_seven_digits", {"ncpdp_id": "123456"}),
        ("pharmacy_closed_with_reason", {"closed_at": NOW}),
    ],
)
def test_pharmacies(cast: Cast, name: str, change: dict[str, Any]) -> None:
    pharmacy(cast.max)
    with refused_by(name):
        Pharmacy.objects.update(**change)
    with pytest.raises(InternalError), transaction.atomic():
        Pharmacy.objects.all().delete()


def test_an_ncpdp_id_once(cast: Cast) -> None:
    first, second = pharmacy(cast.max), pharmacy(cast.max, ncpdp_id="", name="Other")
    with refused_by("pharmacy_ncpdp_once"):
        Pharmacy.objects.filter(pk=second.pk).update(ncpdp_id=first.ncpdp_id)


def test_one_preferred_pharmacy_at_a_time(cast: Cast) -> None:
    where = chosen(cast)
    with refused_by("preferred_one_at_a_time"):
        PreferredPharmacy.objects.create(patient=cast.ana, pharmacy=where, from_at=NOW + timedelta(days=9))
    with refused_by("preferred_ends_whole"):
        PreferredPharmacy.objects.update(until_at=NOW + timedelta(days=1))
    with pytest.raises(DataError), transaction.atomic():
        PreferredPharmacy.objects.update(until_at=NOW - timedelta(days=1), ended_by=cast.fran)
    with pytest.raises(InternalError), transaction.atomic():
        PreferredPharmacy.objects.update(pharmacy=pharmacy(cast.max, ncpdp_id="", name="Other"))
    with later(60):
        actions.choose(cast.ana, pharmacy=None, by=cast.fran)
    with pytest.raises(InternalError), transaction.atomic():
        PreferredPharmacy.objects.update(ended_by=cast.max)


@pytest.mark.parametrize("model", [Pharmacy, PreferredPharmacy, PickUp, Transmission, Cancellation])
def test_never_emptied(db: None, model: Any) -> None:
    with pytest.raises(InternalError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f'TRUNCATE "{model._meta.db_table}" CASCADE')
