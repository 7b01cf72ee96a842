"""The jobs page and the demo's mailbox: who may, what they show, a fixed number of queries, never in production."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from clinic import clock
from clinic.audit.models import AuditEvent
from clinic.outbox import actions, gateways
from clinic.outbox.enums import State
from clinic.outbox.models import JobRun, LocalDelivery, OutboxItem
from tests.cast import Cast, at, client
from tests.clinic.outbox.helpers import Sender, due

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[3]
NOW = at("2026-03-02 09:00")


def failed(purpose: str) -> OutboxItem:
    item = due(purpose)
    (claimed,) = actions.claim()
    actions.fail(claimed, "The text gateway refused it (400).")
    return item


def kept(patient: Any, body: str = "hello", channel: str = "text") -> None:
    to = str(patient.phone) if channel == "text" else patient.email
    gateways.keep(channel, to, "", body, uuid4(), patient.pk)


@pytest.mark.parametrize("who", ["tess", "priya", "fran", "sam"])
def test_jobs_only_for_manager_and_privacy_officer(cast: Cast, who: str) -> None:
    item = failed("a")
    browser = client(getattr(cast, who))
    assert browser.get("/jobs/").status_code == 404
    assert browser.post(f"/jobs/{item.pk}/again/").status_code == 404
    assert OutboxItem.objects.get().state == State.FAILED


@pytest.mark.parametrize("who", ["tess", "priya", "sam", "olga"])
def test_the_mailbox_only_for_manager_and_desk(cast: Cast, who: str) -> None:
    kept(cast.ana)
    browser = client(getattr(cast, who))
    assert browser.get("/jobs/mailbox/").status_code == 404
    assert browser.post(f"/jobs/mailbox/{LocalDelivery.objects.get().pk}/answer/", {"body": "x"}).status_code == 404


def test_what_waits_what_failed_and_each_jobs_last_run(cast: Cast, sender: type[Sender]) -> None:
    with clock.at(NOW):
        failed("a")
        due("b"), due("c", due_at=at("2026-03-03 09:00"))
        JobRun.objects.create(job="refills.open_due", started_at=NOW, finished_at=NOW, counts={"opened": 4})
        JobRun.objects.create(job="audit.verify", started_at=NOW, finished_at=NOW, failed=True, problem="OSError")
        answer = client(cast.max).get("/jobs/")
    (waiting,) = answer.context["waiting"]
    assert (waiting["words"], waiting["due"], waiting["later"], waiting["claimed"]) == ("Test messages", 1, 1, 0)
    lines = {line.name: line for line in answer.context["lines"]}
    assert (lines["refills.open_due"].counts, lines["refills.open_due"].next_at) == ("4 opened", at("2026-03-03 03:10"))
    words = answer.content.decode()
    assert "The text gateway refused it (400)." in words
    assert "<b>Failed</b>: OSError" in words


def test_tried_again_by_hand_once(cast: Cast, sender: type[Sender]) -> None:
    item = failed("a")
    browser = client(cast.max)
    assert browser.post(f"/jobs/{item.pk}/again/").status_code == 302
    assert actions.deliver_due() == {"sent": 1}
    assert AuditEvent.objects.get(what="outbox.try_again").actor_id == cast.max.pk
    assert browser.post(f"/jobs/{item.pk}/again/").status_code == 422
    assert browser.post(f"/jobs/{uuid4()}/again/").status_code == 404
    assert browser.get(f"/jobs/{item.pk}/again/").status_code == 405


@pytest.mark.parametrize("rows", [1, 30])
def test_the_jobs_page_asks_a_fixed_number_of_queries(
    cast: Cast, rows: int, bare_frame: None, django_assert_num_queries: Any
) -> None:
    for number in range(rows):
        failed(f"f{number}")
        JobRun.objects.create(job="audit.seal", started_at=NOW)
    due("b")
    browser = client(cast.max)
    browser.get("/jobs/")
    with django_assert_num_queries(FRAME + 3):
        browser.get("/jobs/")


@pytest.mark.parametrize("rows", [1, 30])
def test_the_mailbox_asks_a_fixed_number_of_queries(
    cast: Cast, rows: int, bare_frame: None, django_assert_num_queries: Any
) -> None:
    for _ in range(rows):
        kept(cast.ana)
        kept(cast.ben)
        kept(cast.cleo, channel="email")
    browser = client(cast.max)
    browser.get("/jobs/mailbox/")
    with django_assert_num_queries(FRAME + 3):
        browser.get("/jobs/mailbox/")


FRAME = 3  # session, person, roles


def test_one_telephone_at_a_time_the_list_names_records_only(cast: Cast) -> None:
    with clock.at(NOW):
        kept(cast.ana, "for Annie")
    kept(cast.ben, "for Ben")
    browser = client(cast.fran)
    answer = browser.get("/jobs/mailbox/")
    assert [one.body for one in answer.context["messages_in"]] == ["for Ben"]
    assert "Quiroga" not in answer.content.decode()
    assert "Record 101" in answer.content.decode()
    anas = LocalDelivery.objects.get(patient_id=cast.ana.pk)
    answer = browser.get(f"/jobs/mailbox/?message={anas.pk}")
    assert [one.body for one in answer.context["messages_in"]] == ["for Annie"]
    for tampered in ("x", uuid4(), "%00", ""):
        assert browser.get(f"/jobs/mailbox/?message={tampered}").status_code in (200, 404)


def test_nothing_yet(cast: Cast) -> None:
    assert "No message has left yet." in client(cast.fran).get("/jobs/mailbox/").content.decode()


@pytest.mark.parametrize("body", ["", "x" * 301, "   ", "a\x00b"])
def test_an_answer_that_cannot_be_sent_comes_back(cast: Cast, body: str) -> None:
    kept(cast.ana)
    pk = LocalDelivery.objects.get().pk
    answer = client(cast.fran).post(f"/jobs/mailbox/{pk}/answer/", {"body": body})
    assert answer.status_code == 422
    assert body.strip().replace("\x00", "") in answer.content.decode().replace("\x00", "")


def test_the_patients_answer_goes_the_gateways_way(cast: Cast, settings: Any) -> None:
    from clinic import ports

    settings.INBOUND_TEXT = ["tests.clinic.outbox.test_inbound.Nobody"]
    ports.load.cache_clear()
    kept(cast.ana)
    pk = LocalDelivery.objects.get().pk
    answer = client(cast.fran).post(f"/jobs/mailbox/{pk}/answer/", {"body": "hello"})
    ports.load.cache_clear()
    assert answer["Location"] == f"/jobs/mailbox/?message={pk}"
    from clinic.outbox.models import InboundText

    assert list(InboundText.objects.values_list("from_number", "body")) == [("+15035550101", "hello")]


PRODUCTION = """
import django
django.setup()
from django.test import Client
from django.urls import NoReverseMatch, reverse
try:
    print("address:", reverse("outbox:mailbox"))
except NoReverseMatch:
    print("address: none")
print("page:", Client().get("/jobs/mailbox/", secure=True, headers={"host": "clinic.example"}).status_code)
print("jobs:", Client().get("/jobs/", secure=True, headers={"host": "clinic.example"}).status_code)
"""


def test_in_production_the_mailbox_does_not_exist(tmp_path: Path) -> None:
    env = {
        **os.environ, "TANDEM_ENV": "production", "DJANGO_SETTINGS_MODULE": "clinic.settings",
        "SECRET_KEY": "k" * 60, "FIELD_KEYS": "some-key", "ALLOWED_HOSTS": "clinic.example", "EMAIL_URL": "dummymail://",
        "STATIC_ROOT": str(tmp_path / "static"), "LOG_LEVEL": "ERROR",
    }  # fmt: skip
    collected = subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", "collectstatic", "--no-input", "--verbosity", "0"],
        cwd=ROOT, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert collected.returncode == 0, collected.stderr[-800:]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PRODUCTION],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines() == ["address: none", "page: 404", "jobs: 302"], done.stderr[-800:]


def test_an_answer_played_in_the_mailbox_is_acknowledged(cast: Cast) -> None:
    gateways.keep("text", "+15035550101", "", "for Ana", uuid4(), cast.ana.pk)
    message = LocalDelivery.objects.get()
    page = client(cast.fran).post(f"/jobs/mailbox/{message.pk}/answer/", {"body": "STOP"}, follow=True)
    assert "The answer has come in" in page.content.decode()
