"""How a message leaves: e-mail by Django, a text by the gateway that settings name. Same key, once.

A gateway raises Undeliverable where trying again would not help, Unreachable where it would. Neither says to whom.
"""

import json
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage

from clinic import clock
from clinic.outbox.enums import Channel
from clinic.outbox.models import LocalDelivery
from clinic.outbox.results import Undeliverable, Unreachable

ALREADY_SENT = 409
TRY_AGAIN = (408, 425, 429)


def send(channel: str, to: str, *, subject: str, body: str, key: UUID, patient_id: UUID | None) -> None:
    """Send one message; with the same `key` it arrives once. Call it outside a transaction: it may take seconds."""
    if channel == Channel.EMAIL:
        _email(to, subject, body, key, patient_id)
    elif settings.TEXT_GATEWAY == "http":
        _http_text(to, body, key)
    elif not settings.DEMO_MAILBOX:
        raise Unreachable("No text gateway is set: TEXT_GATEWAY is “local”, which is for the demo.")
    else:
        keep(Channel.TEXT, to, "", body, key, patient_id)


def keep(channel: str, to: str, subject: str, body: str, key: UUID, patient_id: UUID | None) -> None:
    """The local gateway: keep the message for the demo's mailbox, once per key."""
    row = LocalDelivery(
        channel=channel, to=to, subject=subject, body=body, idempotency_key=key, patient_id=patient_id, at=clock.now()
    )
    LocalDelivery.objects.bulk_create([row], ignore_conflicts=True)


def _email(to: str, subject: str, body: str, key: UUID, patient_id: UUID | None) -> None:
    """By Django's mail (EMAIL_URL). The key is the Message-ID, so that mail systems can tell a repetition."""
    if settings.DEMO_MAILBOX and LocalDelivery.objects.filter(idempotency_key=key).exists():
        return
    if not settings.DEMO_MAILBOX and settings.EMAIL_BACKEND.endswith("console.EmailBackend"):
        raise Unreachable("No mail server is set: EMAIL_URL.")  # the console is a log, which may hold no names
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
    message = EmailMessage(subject=subject, body=body, to=[to], headers={"Message-ID": f"<{key}@{domain}>"})
    try:
        message.send()
    except OSError as problem:  # smtplib's errors and the network's
        raise Unreachable(f"The mail server did not take it ({type(problem).__name__}).") from None
    if settings.DEMO_MAILBOX:
        keep(Channel.EMAIL, to, subject, body, key, patient_id)


class _NoRedirects(HTTPRedirectHandler):
    """A gateway that answers "elsewhere" is set up wrongly; a message is not carried to another address."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Never."""
        return


def _opener() -> OpenerDirector:
    return build_opener(_NoRedirects)


def _http_text(to: str, body: str, key: UUID) -> None:
    """POST to TEXT_GATEWAY_URL. 2xx and 409 (this key was sent): done. Other 4xx: never. 5xx and silence: again."""
    if urlsplit(settings.TEXT_GATEWAY_URL).scheme not in ("http", "https"):
        raise Unreachable("TEXT_GATEWAY_URL is not set.")
    request = Request(  # noqa: S310 the scheme was checked
        settings.TEXT_GATEWAY_URL,
        data=json.dumps({"to": to, "body": body}).encode(),
        headers={
            "Content-Type": "application/json",
            "Idempotency-Key": str(key),
            "Authorization": f"Bearer {settings.TEXT_GATEWAY_TOKEN}",
        },
        method="POST",
    )
    try:
        with _opener().open(request, timeout=settings.TEXT_GATEWAY_TIMEOUT):
            return
    except HTTPError as answer:
        status = answer.code
        answer.close()
    except (OSError, HTTPException) as problem:
        raise Unreachable(f"The text gateway did not answer ({type(problem).__name__}).") from None
    _judge(status)


def _judge(status: int) -> None:
    if status == ALREADY_SENT:
        return
    if 400 <= status < 500 and status not in TRY_AGAIN:
        raise Undeliverable(f"The text gateway refused it ({status}).")
    raise Unreachable(f"The text gateway answered {status}.")
