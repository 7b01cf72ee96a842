"""The sealer: every row once, in the order of transactions, no late commit skipped; verification finds tampering."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from clinic.audit import actions as audit
from clinic.audit import queries
from clinic.audit.enums import Kind
from clinic.audit.models import AuditEvent, AuditSeal
from tests.clinic.audit.conftest import OURS

pytestmark = pytest.mark.django_db(transaction=True)

POSTGRES = audit.OLDEST_OPEN


def note(what: str) -> AuditEvent:
    return audit.record(Kind.CHANGED, by=None, what=what, detail={"n": 1})


def chain() -> list[str]:
    """What the chain says, in its order."""
    return list(AuditSeal.objects.order_by("position").values_list("event__what", flat=True))


def in_thread(work: Callable[[], None]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_sealed_once_and_whole() -> None:
    for number in range(5):
        note(str(number))
    assert (audit.seal(), audit.seal()) == (5, 0)
    assert chain() == ["0", "1", "2", "3", "4"]
    assert queries.verify() == queries.Verdict(5, 0, None)


def test_a_few_at_a_time_is_the_same_chain() -> None:
    with transaction.atomic():  # rows of one transaction, cut by the limit
        for number in range(5):
            note(str(number))
    assert [audit.seal(limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert chain() == ["0", "1", "2", "3", "4"]
    assert queries.verify().broken_at is None


@pytest.mark.parametrize("oldest_open", [OURS, POSTGRES])
def test_a_late_commit_is_not_skipped(oldest_open: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row written first is committed last: the sealer waits for it, and for everything after it."""
    monkeypatch.setattr(audit, "OLDEST_OPEN", oldest_open)
    written, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            note("written first")
            written.set()
            go_on.wait(10)

    thread = in_thread(slow)
    written.wait(10)
    note("committed first")
    assert audit.seal() == 0
    assert queries.verify().waiting == 1  # the other row is not even visible yet
    go_on.set()
    thread.join()
    monkeypatch.setattr(audit, "OLDEST_OPEN", OURS)
    assert audit.seal() == 2
    assert chain() == ["written first", "committed first"]
    assert queries.verify() == queries.Verdict(2, 0, None)


def test_two_sealers_at_once_seal_once() -> None:
    for number in range(200):
        note(str(number))
    ready = threading.Barrier(2)

    def work() -> None:
        ready.wait(10)
        audit.seal()

    threads = [in_thread(work) for _ in range(2)]
    for thread in threads:
        thread.join()
    audit.seal()
    assert AuditSeal.objects.count() == 200
    assert queries.verify() == queries.Verdict(200, 0, None)


def without_triggers(statement: str) -> None:
    """What somebody with the rights of the database's owner could do."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)


POSITION = (
    "(SELECT position FROM clinic_audit_auditseal s JOIN clinic_audit_auditevent e ON e.id = event_id"
    " WHERE what = '{}')"
)


@pytest.mark.parametrize(
    ("statement", "checked"),
    [
        ("UPDATE clinic_audit_auditevent SET what = 'x' WHERE what = '2'", 2),
        ("UPDATE clinic_audit_auditevent SET at = at + interval '1 second' WHERE what = '2'", 2),
        ("UPDATE clinic_audit_auditevent SET detail = '{}' WHERE what = '0'", 0),
        (f"DELETE FROM clinic_audit_auditseal WHERE position = {POSITION.format('1')}", 1),
        (f"UPDATE clinic_audit_auditseal SET hash = repeat('a', 64) WHERE position = {POSITION.format('3')}", 3),
    ],
)  # fmt: skip
def test_tampering_is_found_at_its_link(statement: str, checked: int) -> None:
    for number in range(4):
        note(str(number))
    audit.seal()
    without_triggers(statement)
    verdict = queries.verify()
    assert (verdict.checked, verdict.broken_at is not None) == (checked, True)
    assert verdict.broken_event is not None


def test_in_a_database_loaded_elsewhere_new_rows_are_sealed() -> None:
    """Another server counts its transactions anew: old rows bear higher numbers than new ones."""
    note("old")
    audit.seal()
    without_triggers("UPDATE clinic_audit_auditevent SET txid = '9000000000000'")
    note("new")
    assert audit.seal() == 1
    note("newer")
    assert audit.seal() == 1
    assert chain() == ["old", "new", "newer"]
    assert queries.verify() == queries.Verdict(3, 0, None)


@transaction.atomic
def rolled_back() -> None:
    note("rolled back")
    raise ZeroDivisionError


def test_a_refusal_is_kept_though_its_transaction_was_rolled_back() -> None:
    with pytest.raises(ZeroDivisionError):
        rolled_back()
    audit.refusal(by=None, patient_id=None, what="test.refused", why="Not today.")
    assert list(AuditEvent.objects.values_list("what", "outcome")) == [("test.refused", "refused")]
