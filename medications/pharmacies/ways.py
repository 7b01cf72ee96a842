"""A prescription's way as pages tell it: one sentence now, every step with its time and person."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil
from typing import Any

from clinic import clock
from medications.pharmacies import backends
from medications.pharmacies.enums import HERE, LIVE, Cancelling, Route, State
from medications.pharmacies.models import Cancellation, PickUp, Transmission
from medications.prescribing.models import Fill
from medications.prescribing.queries import generic_name

MODULE = "For the certified module: Tandem sends no controlled substance. It keeps what was intended and the number."
STEPS = (State.SENT, State.FILLED, State.PICKED_UP)


@dataclass(frozen=True)
class Step:
    """One thing that happened to it."""

    word: str
    at: datetime | date | None
    who: str = ""
    more: str = ""


@dataclass(frozen=True)
class Way:
    """A transmission as it is at this moment, for a viewer who may prescribe or only reads."""

    row: Transmission
    now: datetime
    may: bool = False  # prescribe
    may_tell: bool = False  # record fills and pick-ups

    @property
    def name(self) -> str:
        """The medicine."""
        return generic_name(self.row.authorisation.prescription).capitalize()

    @property
    def where(self) -> str:
        """To whom."""
        if self.row.pharmacy:
            return self.row.pharmacy.name
        return "the patient, on paper" if self.row.route == Route.PAPER else "the certified module"

    @property
    def seconds(self) -> int:
        """How long it can still be undone."""
        return max(0, ceil((self.row.leaves_at - self.now).total_seconds()))

    @property
    def undoable(self) -> bool:
        """Whether there is time, by the server's clock."""
        return self.row.state in HERE and self.seconds > 0

    @property
    def moving(self) -> bool:
        """Whether the next look may show something else by itself."""
        return self.row.state in (State.WAITING, State.SENDING) or self.undoable

    @property
    def failed(self) -> bool:
        """Whether it came back and still should leave."""
        row = self.row
        return row.state == State.FAILED and row.authorisation.voided_at is None and not _replaced(row)

    @property
    def listed(self) -> bool:
        """Whether it waits for the certified module."""
        return self.row.state == State.LISTED

    @property
    def printable(self) -> bool:
        """Whether there is a document of ours."""
        return self.row.route != Route.MODULE

    @property
    def gone(self) -> bool:
        """Whether it is no longer good."""
        return self.row.state not in LIVE and not self.failed

    @property
    def note(self) -> str:
        """What the back end says about itself, once it has printed something."""
        if self.row.route == Route.MODULE:
            return MODULE
        back_end = backends.current()
        return "" if back_end.connected else back_end.words

    @property
    def said(self) -> str:
        """Where it is, in a sentence without an end mark."""
        said: str = getattr(self, f"_{self.row.state}")()
        return said

    def _waiting(self) -> str:
        return f"Leaves for {self.where} in {self.seconds} s" if self.seconds else f"Leaving for {self.where}"

    def _sending(self) -> str:
        return f"Being sent to {self.where}"

    def _listed(self) -> str:
        return f"For the certified module, undo for {self.seconds} s" if self.seconds else "For the certified module"

    def _sent(self) -> str:
        return f"{self._left()}; not reported filled"

    def _left(self) -> str:
        if self.row.how == "printed" and self.row.pharmacy:
            return f"Printed for {self.where}"
        return "Printed for the patient" if self.row.how == "printed" else f"Sent to {self.where}"

    def _filled(self) -> str:
        day = self.row.fill.filled_on if self.row.fill else None
        return f"Filled {short(day)}; not reported picked up"

    def _picked_up(self) -> str:
        return f"Picked up {short(self.row.pick_up.on if self.row.pick_up else None)}"

    def _failed(self) -> str:
        if _replaced(self.row):
            return "Not sent; sent again"
        return f"Not sent: {self.row.failed_why.rstrip('.')}"

    def _undone(self) -> str:
        return "Undone before it was sent"

    def _cancelled(self) -> str:
        told = cancellation(self.row)
        if told is None or told.state == Cancelling.SENT:
            return "Discontinued; the pharmacy was told"
        by_hand = told.state == Cancelling.FAILED or self.row.route != Route.PHARMACY
        return "Discontinued; tell the pharmacy" if by_hand else "Discontinued; the pharmacy is being told"

    @property
    def to_tell(self) -> Cancellation | None:
        """The cancellation that a person has to tell, if there is one."""
        told = cancellation(self.row)
        if told is None or told.state == Cancelling.SENT:
            return None
        return told if told.state == Cancelling.FAILED or self.row.route != Route.PHARMACY else None

    def steps(self) -> Iterator[Step]:
        """Everything that happened, in order."""
        row = self.row
        yield Step("Signed", row.authorisation.issued_at, row.authorisation.issued_by.signature)
        if row.replaces_id:
            yield Step("Sent again", row.asked_at, row.asked_by.name)
        if row.failed_at:
            yield Step("Not sent", row.failed_at, "", row.failed_why)
        if row.undone_at and row.undone_by:
            yield Step("Undone", row.undone_at, row.undone_by.name, row.undone_why)
        if row.sent_at:
            yield Step(*self._sent_step(row.sent_at))
        if row.fill:
            yield Step("Filled", row.fill.filled_on, _noted(row.fill), f"as the {row.fill.told_by} told")
        if row.pick_up:
            yield Step("Picked up", row.pick_up.on, _noted(row.pick_up), f"as the {row.pick_up.told_by} told")
        if row.cancelled_at and row.cancelled_by:
            yield Step("Discontinued", row.cancelled_at, row.cancelled_by.name, row.cancelled_why)
        if (told := cancellation(row)) and told.sent_at:
            yield Step("Pharmacy told", told.sent_at, told.sent_by.name if told.sent_by else "", told.how)
        elif told and told.failed_at:
            yield Step("Pharmacy not told", told.failed_at, "", told.failed_why)

    def _sent_step(self, at: datetime) -> tuple[str, datetime, str, str]:
        row = self.row
        number = f", number {row.reference}" if row.reference else ""
        how = "reached the pharmacy another way" if row.how == "told" else f"{row.how}, for {self.where}{number}"
        return ("Sent", at, row.sent_by.name if row.sent_by else "", how)


def of(row: Transmission, *, may: bool = False, may_tell: bool = False) -> Way:
    """The way of one transmission now."""
    return Way(row, clock.now(), may, may_tell)


def short(day: Any) -> str:
    """Mar 2."""
    return f"{day:%b} {day.day}" if day else ""


def cancellation(row: Transmission) -> Cancellation | None:
    """What the pharmacy was told of its end; loaded with the row."""
    return getattr(row, "cancellation", None)


def _noted(row: Fill | PickUp) -> str:
    return row.recorded_by.name if row.recorded_by else ""


def _replaced(row: Transmission) -> bool:
    return getattr(row, "replaced_by", None) is not None
