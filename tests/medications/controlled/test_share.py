"""R-RX-08: how many of a year's controlled prescriptions left electronically."""

from typing import Any

from clinic import clock
from clinic.practice.models import Setting
from medications.controlled import actions, queries
from medications.controlled.queries import Share
from medications.prescribing.models import Authorisation
from tests.cast import Cast, at, client, on_team
from tests.medications.controlled.test_certified import lorazepam
from tests.medications.prescribing.given import NOW, TODAY, started


def left(cast: Cast, how: str, number: str = "", **more: Any) -> Authorisation:
    """Lorazepam of Priya's, and how it left."""
    row = lorazepam(cast, **more).authorisations.get()
    if how:
        actions.tell_certified(row, status=how, number=number, by=row.issued_by)
    return row


def test_each_that_left_counts_once_by_how_it_left_r_rx_08(cast: Cast) -> None:
    on_team(cast.ben, cast.priya, "prescriber")
    first = left(cast, "signed", "A-1")
    actions.tell_certified(first, status="cancelled", by=cast.priya)
    left(cast, "paper", patient=cast.ben)
    left(cast, "", patient=cast.ben)  # an intent
    left(cast, "signed", "B-1", patient=cast.ben, by=cast.paul)  # somebody else's
    with clock.at(at("2025-12-30 09:00")):
        left(cast, "signed", "A-0", patient=cast.ben)  # another year's
    started(cast.ana, by=cast.priya)  # not controlled
    assert queries.share(cast.priya, 2026) == Share(left=2, electronic=1)
    assert (Share(3, 2).percent, Share(0, 0).percent, Share(1_000, 699).percent) == (66, 100, 69)


def test_the_log_tells_the_share_and_marks_one_that_is_too_small_r_rx_08(cast: Cast) -> None:
    left(cast, "paper")
    page = client(cast.priya).get("/controlled/log/?month=2026-03").content.decode()
    assert "that left in 2026 went electronically" in page
    assert "sev-ask" not in page  # not more than a hundred a year
    Setting.objects.create(
        key="epcs_small_prescriber", value=0, effective_from=TODAY, set_at=NOW, set_by=cast.max, reason="Asked of all."
    )
    assert "sev-ask" in client(cast.priya).get("/controlled/log/?month=2026-03").content.decode()
