"""The worker's loop: claim, let the handler work, mark; every way of ending."""

from datetime import timedelta

import pytest

from clinic import clock, ports
from clinic.audit.models import AuditEvent
from clinic.outbox import actions
from clinic.outbox.enums import State
from clinic.outbox.models import LocalDelivery, OutboxItem
from clinic.outbox.results import Later, Undeliverable, Unreachable
from tests.cast import at
from tests.clinic.outbox.helpers import Sender, due

pytestmark = pytest.mark.django_db
NOW = at("2026-03-02 09:00")


def test_everything_due_is_sent_once_and_audited(sender: type[Sender]) -> None:
    for number in range(45):  # more than two batches
        due(f"p{number}")
    assert actions.deliver_due() == {"sent": 45}
    assert LocalDelivery.objects.count() == 45
    assert AuditEvent.objects.filter(kind="sent", what=Sender.kind).count() == 45
    assert actions.deliver_due() == {}


@pytest.mark.parametrize(
    ("raised", "counted", "state", "outcome"),
    [
        (Undeliverable("refused (400)"), "failed", State.FAILED, "refused (400)"),
        (Unreachable("no answer"), "put off", State.DUE, "no answer"),
        (ValueError("Ana Quiroga"), "put off", State.DUE, "ValueError"),
        (Later(NOW + timedelta(days=1), "moved"), "postponed", State.DUE, "moved"),
    ],
)
def test_what_a_handler_raises(
    sender: type[Sender], raised: Exception, counted: str, state: State, outcome: str,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    def stumble(item: OutboxItem) -> None:
        raise raised

    sender.before = staticmethod(stumble)
    with clock.at(NOW):
        due("a")
        assert actions.deliver_due() == {counted: 1}
    item = OutboxItem.objects.get()
    assert (item.state, item.outcome) == (state, outcome)
    assert "Quiroga" not in caplog.text  # R-HS-07


def test_dropped_when_the_handler_says_so(sender: type[Sender]) -> None:
    sender.before = staticmethod(lambda item: "dropped: the visit was moved")
    due("a")
    assert actions.deliver_due() == {"dropped": 1}
    assert (OutboxItem.objects.get().outcome, LocalDelivery.objects.count()) == ("the visit was moved", 0)


def test_nobody_knows_the_kind(settings: object) -> None:
    settings.OUTBOX_HANDLERS = []  # type: ignore[attr-defined]
    ports.load.cache_clear()
    due("a")
    assert actions.deliver_due() == {"put off": 1}
    assert OutboxItem.objects.get().outcome == "This version of Tandem has no handler for it."
    ports.load.cache_clear()


def test_stopped_after_sending_it_is_sent_once(sender: type[Sender]) -> None:
    class Killed(BaseException):
        """What no handler of errors catches."""

    def stop() -> None:
        raise Killed

    sender.after = staticmethod(stop)
    with clock.at(NOW):
        due("a")
        with pytest.raises(Killed):
            actions.deliver_due()
    sender.after = None
    with clock.at(NOW + timedelta(minutes=3)):
        assert actions.deliver_due() == {"sent": 1}
    assert LocalDelivery.objects.count() == 1
    assert AuditEvent.objects.filter(kind="sent").count() == 1


def test_a_batch_that_took_longer_than_its_lease_leaves_the_rest(sender: type[Sender]) -> None:
    """The lapsed item is not done under a claim that may be another's by now."""
    with clock.at(NOW):
        due("a"), due("b")
        first, second = actions.claim()
    with clock.at(NOW + timedelta(minutes=3)):
        assert actions._deliver(first, Sender()) == "lapsed"
    assert LocalDelivery.objects.count() == 0
    assert second.state == State.CLAIMED
