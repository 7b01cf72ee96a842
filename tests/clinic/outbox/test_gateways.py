"""The gateways: the text gateway against a server that answers 200, 409, 400, 500, elsewhere and nothing; e-mail."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail

from clinic.outbox import gateways
from clinic.outbox.models import LocalDelivery
from clinic.outbox.results import Undeliverable, Unreachable


class Gateway(BaseHTTPRequestHandler):
    """Answers with the status that the path names; “silence” never answers; “hangup” closes."""

    seen: list[dict[str, Any]] = []
    quiet = threading.Event()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append({
            "body": json.loads(body), "key": self.headers["Idempotency-Key"], "token": self.headers["Authorization"],
            "type": self.headers["Content-Type"],
        })  # fmt: skip
        answer = self.path.strip("/")
        if answer == "silence":
            self.quiet.wait(5)
            return
        if answer == "hangup":
            return
        self.send_response(int(answer))
        if answer == "302":
            self.send_header("Location", "/200")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def gateway(settings: Any) -> Iterator[Any]:
    """A server on a free port; `gateway("409")` lets the settings point at that answer."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    Gateway.seen, Gateway.quiet = [], threading.Event()
    settings.TEXT_GATEWAY, settings.TEXT_GATEWAY_TOKEN, settings.TEXT_GATEWAY_TIMEOUT = "http", "hush", 0.3

    def point(answer: str) -> type[Gateway]:
        settings.TEXT_GATEWAY_URL = f"http://127.0.0.1:{server.server_port}/{answer}"
        return Gateway

    yield point
    Gateway.quiet.set()
    server.shutdown()
    server.server_close()


def text(key: Any = None) -> None:
    gateways.send("text", "+15035550101", subject="", body="see you", key=key or uuid4(), patient_id=None)


@pytest.mark.parametrize("answer", ["200", "202", "409"])
def test_sent_or_sent_before(gateway: Any, answer: str) -> None:
    key = uuid4()
    seen = gateway(answer).seen
    text(key)
    assert Gateway.seen == seen == [{
        "body": {"to": "+15035550101", "body": "see you"}, "key": str(key), "token": "Bearer hush",
        "type": "application/json",
    }]  # fmt: skip


@pytest.mark.parametrize("answer", ["400", "401", "404", "422"])
def test_refused_for_good(gateway: Any, answer: str) -> None:
    gateway(answer)
    with pytest.raises(Undeliverable) as refused:
        text()
    assert refused.value.why == f"The text gateway refused it ({answer})."


@pytest.mark.parametrize("answer", ["500", "503", "408", "429", "302"])
def test_to_be_tried_again(gateway: Any, answer: str) -> None:
    gateway(answer)
    with pytest.raises(Unreachable) as problem:
        text()
    assert problem.value.why == f"The text gateway answered {answer}."
    assert len(Gateway.seen) == 1  # an answer "elsewhere" is not followed


@pytest.mark.parametrize(("answer", "kind"), [("silence", "TimeoutError"), ("hangup", "RemoteDisconnected")])
def test_no_answer(gateway: Any, answer: str, kind: str) -> None:
    gateway(answer)
    with pytest.raises(Unreachable) as problem:
        text()
    assert problem.value.why == f"The text gateway did not answer ({kind})."


def test_nobody_listens(settings: Any) -> None:
    settings.TEXT_GATEWAY, settings.TEXT_GATEWAY_URL = "http", "http://127.0.0.1:9/"
    with pytest.raises(Unreachable):
        text()


@pytest.mark.parametrize("url", ["", "file:///etc/passwd", "ftp://example.org/x"])
def test_an_address_that_is_not_http(settings: Any, url: str) -> None:
    settings.TEXT_GATEWAY, settings.TEXT_GATEWAY_URL = "http", url
    with pytest.raises(Unreachable):
        text()


@pytest.mark.django_db
def test_the_local_gateway_keeps_each_key_once(settings: Any) -> None:
    settings.TEXT_GATEWAY = "local"
    key = uuid4()
    for _ in range(2):
        text(key)
    assert list(LocalDelivery.objects.values_list("to", "body")) == [("+15035550101", "see you")]


@pytest.mark.django_db
def test_an_email_leaves_once_and_carries_its_key() -> None:
    key, patient = uuid4(), uuid4()
    for _ in range(2):
        gateways.send("email", "ana@example.org", subject="Alder", body="see you", key=key, patient_id=patient)
    (sent,) = mail.outbox
    assert (sent.to, sent.subject, sent.body) == (["ana@example.org"], "Alder", "see you")
    assert sent.extra_headers["Message-ID"] == f"<{key}@example.org>"
    assert LocalDelivery.objects.get().patient_id == patient


@pytest.mark.django_db
def test_production_keeps_no_copy(settings: Any) -> None:
    settings.DEMO_MAILBOX = False
    gateways.send("email", "ana@example.org", subject="Alder", body="see you", key=uuid4(), patient_id=None)
    assert (len(mail.outbox), LocalDelivery.objects.count()) == (1, 0)


@pytest.mark.django_db
def test_a_mail_server_that_is_gone(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.DEMO_MAILBOX = "127.0.0.1", 9, False
    with pytest.raises(Unreachable) as problem:
        gateways.send("email", "ana@example.org", subject="Alder", body="see you", key=uuid4(), patient_id=None)
    assert problem.value.why == "The mail server did not take it (ConnectionRefusedError)."


@pytest.mark.django_db
@pytest.mark.parametrize(("channel", "why"), [("text", "No text gateway is set"), ("email", "No mail server is set")])
def test_production_without_a_gateway_sends_nothing_and_says_so(
    settings: Any, channel: str, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.DEMO_MAILBOX, settings.TEXT_GATEWAY = False, "local"
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    with pytest.raises(Unreachable, match=why):
        gateways.send(channel, "ana@example.org", subject="", body="see you", key=uuid4(), patient_id=None)
    assert "see you" not in capsys.readouterr().out
    assert LocalDelivery.objects.count() == 0
