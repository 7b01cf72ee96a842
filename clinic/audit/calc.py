"""The chain's arithmetic: an event as canonical text, and the hash that links it to everything before."""

import hashlib
import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

FIRST_HASH = "0" * 64


def payload(event: Any) -> str:
    """The event as the canonical text that its seal covers."""
    facts = {
        "id": event.pk, "at": event.at.isoformat(), "kind": event.kind, "outcome": event.outcome,
        "actor": event.actor_id, "patient": event.patient_id, "object": [event.object_kind, event.object_id],
        "page": event.page, "what": event.what, "why": event.why, "detail": event.detail,
        "address": event.address, "request": event.request_id, "roles": event.roles,
    }  # fmt: skip
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), cls=DjangoJSONEncoder, ensure_ascii=False)


def link(before: str, event: Any) -> str:
    """The hash of one link: SHA-256 over the hash before and the event's canonical text."""
    return hashlib.sha256(f"{before}\n{payload(event)}".encode()).hexdigest()
