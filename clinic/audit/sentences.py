"""An audit row as a sentence that an investigator reads: who did what, about whom."""

from dataclasses import dataclass
from uuid import UUID

from clinic.audit.enums import Kind, Outcome
from clinic.audit.models import AuditEvent
from clinic.ports import PatientName

VERBS = {
    Kind.READ: "opened", Kind.SEARCHED: "searched in", Kind.CREATED: "created", Kind.CHANGED: "changed",
    Kind.SIGNED: "signed", Kind.RETRACTED: "marked as entered in error", Kind.OVERRODE: "went on against a finding",
    Kind.PRINTED: "printed", Kind.EXPORTED: "exported", Kind.SIGNED_IN: "signed in", Kind.SIGNED_OUT: "signed out",
    Kind.SIGN_IN_FAILED: "did not get in", Kind.EMERGENCY: "opened in an emergency", Kind.SENT: "sent",
    Kind.RAN: "ran",
}  # fmt: skip


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
    """“opened chart: chart”, “was refused: sessions: sign”."""
    thing = plain(row.what or row.page)
    verb = "was refused:" if row.outcome == Outcome.REFUSED else VERBS[Kind(row.kind)]
    return f"{verb} {thing}".strip()


def plain(code: str) -> str:
    """A page's or action's name in words: “chart:my_day” becomes “chart: my day”, “chart:chart” just “chart”."""
    pieces = code.replace(":", ".").replace("_", " ").split(".")
    return ": ".join(dict.fromkeys(pieces))


def facts(row: AuditEvent) -> str:
    """Ids, codes and numbers of the row, for who looks closer."""
    pieces = [", ".join(row.roles).replace("_", " "), str(row.address or ""), row.object_kind]
    pieces += [
        f"{key} {value}"
        for key, value in row.detail.items()
        if key != "patient" and isinstance(value, str | int | float)
    ]
    return " · ".join(piece for piece in pieces if piece)
