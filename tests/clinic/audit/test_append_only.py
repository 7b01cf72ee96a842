"""The database refuses to change, delete or empty audit rows and seals, whoever asks (R-HS-04)."""

import pytest
from django.db import IntegrityError, InternalError, connection
from django.db.utils import DatabaseError

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.audit.models import AuditEvent, AuditSeal

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> AuditEvent:
    """A row, sealed by hand: the sealer waits for this transaction's end."""
    row = audit.record(Kind.CHANGED, by=None, what="test.change")
    AuditSeal.objects.create(event=row, hash="0" * 64, sealed_at=clock.now())
    return row


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE clinic_audit_auditevent SET what = 'x'",
        "DELETE FROM clinic_audit_auditevent",
        "TRUNCATE clinic_audit_auditevent CASCADE",
        "UPDATE clinic_audit_auditseal SET hash = hash",
        "DELETE FROM clinic_audit_auditseal",
        "TRUNCATE clinic_audit_auditseal",
    ],
)
def test_refused_by_the_database(event: AuditEvent, statement: str) -> None:
    connection.check_constraints()  # nothing else stands against it
    with pytest.raises(InternalError, match="Cannot"), connection.cursor() as cursor:
        cursor.execute(statement)


def test_refused_through_the_orm_too(event: AuditEvent) -> None:
    event.what = "another"
    with pytest.raises(DatabaseError):
        event.save()


@pytest.mark.parametrize(
    ("fields", "name"),
    [({"kind": "guessed"}, "audit_kind_known"), ({"kind": "read", "outcome": "maybe"}, "audit_outcome_known")],
)
def test_unknown_words_are_refused(fields: dict[str, str], name: str) -> None:
    with pytest.raises(IntegrityError, match=name):
        AuditEvent.objects.create(at=clock.now(), **fields)


def test_a_seal_is_a_sha256(event: AuditEvent) -> None:
    row = audit.record(Kind.CHANGED, by=None)
    with pytest.raises(IntegrityError, match="seal_is_sha256"):
        AuditSeal.objects.create(event=row, hash="Z" * 64, sealed_at=clock.now())


def test_an_event_is_sealed_once(event: AuditEvent) -> None:
    with pytest.raises(IntegrityError, match="event_id"):
        AuditSeal.objects.create(event=event, hash="1" * 64, sealed_at=clock.now())
