"""An audit row as a sentence that an investigator reads: who did what, about whom."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps

from clinic.audit.enums import Kind, Outcome
from clinic.audit.models import AuditEvent
from clinic.audit.words import THINGS
from clinic.ports import PatientName

VERBS = {
    Kind.READ: "opened", Kind.SEARCHED: "searched in", Kind.CREATED: "created", Kind.CHANGED: "changed",
    Kind.SIGNED: "signed", Kind.RETRACTED: "marked", Kind.OVERRODE: "went on against a finding",
    Kind.PRINTED: "printed", Kind.EXPORTED: "exported", Kind.SIGNED_IN: "signed in", Kind.SIGNED_OUT: "signed out",
    Kind.SIGN_IN_FAILED: "did not get in", Kind.EMERGENCY: "opened", Kind.SENT: "sent",
    Kind.RAN: "ran",
}  # fmt: skip
TAILS = {Kind.RETRACTED: "as entered in error", Kind.EMERGENCY: "in an emergency"}


@dataclass(frozen=True)
class Line:
    """One row of the audit page."""

    event: AuditEvent
    who: str
    did: str
    patient: PatientName | None
    facts: str


def lines(rows: list[AuditEvent], people: dict[UUID, str], patients: dict[UUID, PatientName]) -> list[Line]:
    """The rows with names for the reader."""
    return [
        Line(row, who(row, people), did(row), patients.get(row.patient_id) if row.patient_id else None, facts(row))
        for row in rows
    ]


def who(row: AuditEvent, people: dict[UUID, str]) -> str:
    """A name; without an account the clock, or somebody who was not signed in."""
    if row.actor_id:
        return people.get(row.actor_id, "Somebody whose account is gone")
    return "Somebody not signed in" if row.address else "The clock"


def did(row: AuditEvent) -> str:
    """“opened the chart”, “marked a note as entered in error”, “was refused: a session”."""
    thing, kind = plain(row.what or row.page), Kind(row.kind)
    if row.outcome == Outcome.REFUSED:
        return f"was refused: {thing}"
    return " ".join(piece for piece in (VERBS[kind], thing, TAILS.get(kind, "")) if piece)


def plain(code: str) -> str:
    """A page or an action in words; one that has none by its name: “chart:far_off” becomes “chart: far off”."""
    dotted = code.replace(":", ".")
    return THINGS.get(dotted, ": ".join(dict.fromkeys(dotted.replace("_", " ").split("."))))


def facts(row: AuditEvent) -> str:
    """Who in what role, from where, on what, with its codes and numbers; the ids are in the export."""
    pieces = [", ".join(row.roles).replace("_", " "), str(row.address or ""), _model(row.object_kind)]
    pieces += [f"{key} {_value(value)}".replace("_", " ") for key, value in row.detail.items() if _told(value)]
    return " · ".join(piece for piece in pieces if piece)


def _model(label: str) -> str:
    """What kind of row it was, as the model calls itself."""
    try:
        return str(apps.get_model(label)._meta.verbose_name) if label else ""
    except (LookupError, ValueError):
        return label


def _told(value: Any) -> bool:
    """Whether a detail says something to a reader: a text, a number, yes or no; never an id."""
    if isinstance(value, str):
        try:
            UUID(value)
        except ValueError:
            return bool(value)
        return False
    return isinstance(value, int | float)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
