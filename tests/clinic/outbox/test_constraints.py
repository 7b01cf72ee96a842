"""What the database refuses in due work, each broken once."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError

from clinic.outbox.models import InboundText, JobRun, LocalDelivery, OutboxItem
from tests.cast import at

pytestmark = pytest.mark.django_db
NOW = at("2026-03-02 09:00")
KEY = uuid4()


def item(**fields: Any) -> OutboxItem:
    return OutboxItem(**{"kind": "a", "purpose": "p", "due_at": NOW, "created_at": NOW, **fields})


def kept(**fields: Any) -> LocalDelivery:
    return LocalDelivery(to="x", body="", at=NOW, idempotency_key=KEY, **fields)


def save(rows: list[Any]) -> None:
    for row in rows:
        row.pk = uuid4()
        row.save(force_insert=True)


@pytest.mark.parametrize(
    ("rows", "name"),
    [
        ([item(state="lost")], "outbox_state_known|outbox_finished_when_over"),  # an unknown state breaks both
        ([item(state="done")], "outbox_finished_when_over"),
        ([item(finished_at=NOW)], "outbox_finished_when_over"),
        ([item(state="claimed")], "outbox_claimed_has_lease"),
        ([item(), item()], "clinic_outbox_outboxitem_purpose_key"),
        ([item(idempotency_key=KEY), item(idempotency_key=KEY, purpose="q")], "idempotency_key_key"),
        ([kept(channel="pigeon")], "delivery_channel_known"),
        ([kept(channel="text") for _ in range(2)], "idempotency_key_key"),
        ([InboundText(gateway_id="g", from_number="1", body="", received_at=NOW) for _ in range(2)], "gateway_id_key"),
        ([JobRun(job="a", started_at=NOW, finished_at=NOW - timedelta(seconds=1))], "job_ends_after_start"),
    ],
)  # fmt: skip
def test_refused(rows: list[Any], name: str) -> None:
    with pytest.raises(IntegrityError, match=name):
        save(rows)
