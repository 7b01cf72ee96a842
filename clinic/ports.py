"""How upper rooms reach lower pages without upward imports: settings list dotted names, lower rooms call them.

Each port is a list in settings, in the order of showing. A provider that needs a right states its capability
and is not run for people without it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Literal, Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string


@cache
def load(port: str) -> tuple[Any, ...]:
    """The providers that `settings.<port>` names, imported once, instances made of classes."""
    found = []
    for name in getattr(settings, port):
        thing = import_string(name)
        found.append(thing() if isinstance(thing, type) else thing)
    return tuple(found)


class ChartPanel(Protocol):
    """A part of the chart's first page, or a tab of its own."""

    key: str
    title: str
    capability: str
    place: Literal["since", "today", "third"]
    template: str

    def context(self, patient: Any, viewer: Any, since: datetime | None) -> dict[str, Any] | None:
        """What the template needs; None leaves the panel out. States its queries in its docstring."""
        ...


@dataclass(frozen=True)
class ChartTab:
    """A tab below the patient strip, in front of a page of an upper room (its URL takes `patient_id`)."""

    key: str
    label: str
    url_name: str
    capability: str


@dataclass(frozen=True)
class SinceLine:
    """One line of “since you last saw them” that no timeline row holds (such as “unchanged”, “overdue”)."""

    mark: str
    name: str
    sentence: str
    meta: str = ""
    url: str = ""


@dataclass(frozen=True)
class FutureStep:
    """A planned part of a lane, drawn dashed: from a day on, this amount."""

    series: str
    from_day: date
    amount: str
    unit: str


@dataclass(frozen=True)
class Arm:
    """What an intervention of the plan says today, from the live rows of the room that owns it."""

    intervention_id: UUID
    mark: Literal["therapy", "med", "pair", "patient"]
    text: str
    meta: str = ""
    live: bool = True
    url: str = ""


class PlanArms(Protocol):
    """A room that is an arm of the plan (prescriptions, say) answers for the interventions it is linked to."""

    def arms(self, patient_id: UUID) -> Sequence[Arm]:
        """One Arm per linked live row; one query, whatever the number."""
        ...

    def problems_without_measure(self, patient_id: UUID) -> Sequence[str]:
        """Sentences that stand against signing the plan (R-TP-08)."""
        ...


@dataclass(frozen=True)
class StripPart:
    """A label and value of the patient strip (Allergies, Risk, Care team, Plan)."""

    label: str
    pieces: Sequence[dict[str, str]] = field(default_factory=tuple)  # {mark, strong, text, tone, url}


@dataclass(frozen=True)
class DayLine:
    """A line of “my day” beside a booking or on its own: what to know before the person comes in."""

    patient_id: UUID | None
    mark: str
    text: str
    url: str = ""


@dataclass(frozen=True)
class MedicineLink:
    """A way from a medicine of the list to a page of an upper room: its taper, say (port MEDICINE_LINKS)."""

    label: str
    url: str
    words: str = ""


@dataclass(frozen=True)
class MedicineSaid:
    """What the patient said of a medicine that is not taken as ordered: how (an answer's key), their words, to whom."""

    answer: str
    words: str
    at: datetime
    by: str
    url: str


@dataclass(frozen=True)
class ListTold:
    """When the list of medicines was last gone through with the patient (port MEDICINE_LIST). `at` None: never.

    `url`: what was said that day; `go`: where it is done, empty for who may not; `said`: by prescription, what nobody
    has answered since.
    """

    at: datetime | None = None
    by: str = ""
    url: str = ""
    go: str = ""
    said: Mapping[UUID, MedicineSaid] = field(default_factory=dict)


class MedicineList(Protocol):
    """The room in which the list is gone through (port MEDICINE_LIST)."""

    def __call__(self, patient: Any, viewer: Any) -> ListTold:
        """A fixed number of queries, whatever the number of medicines."""
        ...


@dataclass(frozen=True)
class TaskKind:
    """A kind of inbox task: its words, its single action and the capability that may take it."""

    key: str
    title: str
    action: str
    url_name: str
    capability: str
    mark: str = "patient"
    by_hand: bool = False  # may be ticked off in the inbox; every other kind ends by its own action


class OutboxHandler(Protocol):
    """Does the work of one kind of outbox item. Checks the state again; renders at sending time."""

    kind: str
    words: str  # what the jobs page calls it: "Reminders of visits"
    # `elsewhere`, where it is: who takes up what failed, in a sentence; the jobs page then offers no second try.

    def deliver(self, item: Any) -> str:
        """Do it, once per `item.idempotency_key`, outside any transaction.

        Returns "sent" (goes into the audit), "done" (for work that sends nothing) or "dropped: why"; raises
        `clinic.outbox.results.Later`, `Undeliverable` or `Unreachable`, or anything else to be tried again.
        """
        ...


class InboundTexts(Protocol):
    """A room that acts on a text message that came in (port INBOUND_TEXT)."""

    def receive(self, inbound: Any) -> str | None:
        """Act on an `InboundText`, inside its transaction. What it was understood as ("stop", ""); None: not mine."""
        ...


@dataclass(frozen=True)
class PatientName:
    """How a page of clinic, which knows patients by id only, names one to a reader who may read it."""

    number: int
    name: str


class OrderChanged(Protocol):
    """A room that follows a patient's medicines (port ORDER_CHANGED): monitoring, say."""

    def __call__(self, patient_id: UUID, *, by: Any) -> None:
        """Inside the transaction of the start, change, hold, end or correction; the patient's row is locked."""
        ...


class OrderFindings(Protocol):
    """A room that knows something against an order (port ORDER_FINDINGS): results of the laboratory, say."""

    def __call__(self, patient_id: UUID, drug: str, *, starts: bool, in_steps: bool, today: date) -> Sequence[Any]:
        """Findings of the checks, as `medications.safety.facts.Finding`; few queries, it runs while a dose is typed.

        `in_steps`: the order is a titration pack.
        """
        ...


@dataclass(frozen=True)
class DosePause:
    """A time in which a planned change of dose waited and the dose stayed (not: on hold). `until` None: still."""

    start: date
    until: date | None
    why: str


class DosePauses(Protocol):
    """A room that plans changes of dose tells when one was paused (port DOSE_PAUSES): tapers."""

    def __call__(self, patient_id: UUID) -> dict[UUID, Sequence[DosePause]]:
        """The pauses of each prescription, oldest first; one query, whatever the number."""
        ...


class LastGiven(Protocol):
    """The room in which injections are recorded (port LAST_GIVEN)."""

    def __call__(self, prescriptions: Collection[UUID]) -> Mapping[UUID, date]:
        """The day on which each was given last, of those that were; one query, whatever the number."""
        ...


@dataclass(frozen=True)
class RunOut:
    """The first day without supply of a dose (port RUN_OUT). Not `confirmed`: as if filled when it was due.

    `told`: whether any fill of this dose is known.
    """

    on: date
    confirmed: bool
    told: bool


class RunsOut(Protocol):
    """The room that forecasts supplies answers for every other (port RUN_OUT), so that all tell the same day."""

    def __call__(self, prescriptions: Collection[UUID], today: date) -> Mapping[UUID, RunOut]:
        """For each that has a dose on the day; a fixed number of queries, whatever the number."""
        ...


class PatientNames(Protocol):
    """The room that knows the patients answers for their names (port PATIENT_NAMES)."""

    def named(self, ids: Iterable[UUID]) -> dict[UUID, PatientName]:
        """Record number and name of each; one query, whatever the number."""
        ...

    def by_number(self, number: int) -> UUID | None:
        """The patient with this record number."""
        ...


class MissedVisit(Protocol):
    """Why a single missed visit of this patient is told to the care team (R-RE-08): an open risk flag, say."""

    def __call__(self, patient_id: UUID) -> str:
        """A few neutral words ("open risk flag"), or "" for nothing."""
        ...


class RecordStory(Protocol):
    """Where a change of the record is told as a part of the patient's story (port RECORD_STORY)."""

    def tell(self, row: Any, *, label: str, occurred_at: datetime, by: Any) -> None:
        """Write one line for `row`, inside its transaction."""
        ...

    def retract(self, row: Any) -> None:
        """Take the row's lines off again: it was entered in error."""
        ...


class EmergencyWatch(Protocol):
    """Who is told that a chart was opened in an emergency (R-HS-02; port EMERGENCY_WATCH)."""

    def opened(self, access: Any) -> None:
        """Inside the transaction of the opening."""
        ...

    def reviewed(self, access: Any) -> None:
        """Inside the transaction of the review."""
        ...


class Dispensing(Protocol):
    """A room that follows what may be dispensed and what was (port DISPENSING). Each call is inside the transaction."""

    def issued(self, authorisation: Any, *, by: Any) -> None:
        """A supply was authorised."""
        ...

    def voided(self, authorisations: Sequence[Any], *, reason: str, by: Any) -> None:
        """What was left of these is void from now on; why, in a sentence."""
        ...

    def filled(self, fill: Any, *, by: Any) -> None:
        """A pharmacy or the patient told of a fill."""
        ...

    def fill_retracted(self, fill: Any, *, by: Any) -> None:
        """That fill was entered in error."""
        ...


@dataclass(frozen=True)
class SupplyWay:
    """Where a supply would go once it is signed, in a sentence; what the prescription would lack, in another."""

    words: str
    lacking: str = ""


class SupplyWays(Protocol):
    """The room that takes prescriptions to pharmacies tells, before one is signed, where it goes (port SUPPLY_WAY)."""

    def __call__(self, patient_id: UUID, *, by: Any, schedule: str) -> SupplyWay:
        """One query at most."""
        ...


class MedicationPart(Protocol):
    """A fact of each medicine on the Medication tab, from an upper room (port MEDICATION_PARTS)."""

    template: str  # given `part` (what `of` answered for the prescription), `line` and `patient`

    def of(self, patient: Any, viewer: Any, prescriptions: Collection[UUID]) -> dict[UUID, Any]:
        """What to show, by prescription; a fixed number of queries, whatever the number."""
        ...


@dataclass(frozen=True)
class NextVisit:
    """A patient's next visit, as pages of the record show it: its key, when, in which zone, with whom."""

    attendance_id: UUID
    starts_at: datetime
    zone: str
    clinician: str


class NextVisits(Protocol):
    """The room that holds the schedule answers for the next visits (port NEXT_VISITS)."""

    def __call__(self, patient_ids: Collection[UUID]) -> dict[UUID, NextVisit]:
        """The next visit still to be held of each who has one; one query, whatever the number."""
        ...


class VisitForms(Protocol):
    """Which of these attendances have every form filled in that the desk hands out (R-HP-08: a flag, no content)."""

    def __call__(self, attendance_ids: Sequence[UUID]) -> Collection[UUID]:
        """One query, whatever the number."""
        ...


class LabValues(Protocol):
    """The room that holds laboratory results answers for what the checks read (port LAB_VALUES)."""

    def __call__(self, patient_ids: Collection[UUID]) -> Iterable[tuple[UUID, str, Decimal, date]]:
        """The newest of each patient: (patient, "egfr" or "qtc", value, its day); one query, whatever the number."""
        ...
