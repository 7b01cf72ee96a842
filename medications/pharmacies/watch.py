"""Port DISPENSING: prescribing tells what is authorised, void and filled; this room acts on it, in its transaction."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from medications.pharmacies import actions
from medications.prescribing.models import Authorisation, Fill

if TYPE_CHECKING:
    from clinic.staff.models import User


class Watch:
    """Each supply that is signed goes its way; each that is void is stopped on it."""

    def issued(self, authorisation: Authorisation, *, by: "User") -> None:
        """Ten seconds, then it leaves."""
        actions.send_out(authorisation, by=by)

    def voided(self, authorisations: Sequence[Authorisation], *, reason: str, by: "User") -> None:
        """Taken back before it left, or the pharmacy is told."""
        actions.voided(authorisations, reason=reason, by=by)

    def filled(self, fill: Fill, *, by: "User") -> None:
        """Filled."""
        actions.filled(fill, by=by)

    def fill_retracted(self, fill: Fill, *, by: "User") -> None:
        """Not filled after all."""
        actions.unfilled(fill, by=by)
