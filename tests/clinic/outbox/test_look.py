"""The jobs page and the mailbox in a browser: nothing for axe, in both themes; an answer changes what is shown."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from clinic import clock
from clinic.outbox import actions, gateways
from clinic.outbox.models import JobRun
from tests.cast import Cast
from tests.clinic.outbox.helpers import due
from tests.look import shoot, sign_in, violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_jobs(live_server: Any, cast: Cast, page: Page) -> None:
    now = clock.now()
    for purpose, why in (("a", "The text gateway refused it (400)."), ("b", "SMTPRecipientsRefused")):
        due(purpose)
        (claimed,) = actions.claim()
        actions.fail(claimed, why)
    due("c"), due("d", due_at=now + timedelta(days=2))
    for name, counts in (("outbox.deliver", {"sent": 12, "dropped": 1}), ("audit.verify", {"checked": 4200})):
        JobRun.objects.create(job=name, started_at=now, finished_at=now, counts=counts)
    JobRun.objects.create(
        job="refills.open_due", started_at=now, finished_at=now, failed=True, problem="OperationalError"
    )
    sign_in(page, live_server, cast.max)
    page.goto(f"{live_server.url}/jobs/")
    assert violations(page) == []
    shoot(page, "jobs")
    page.emulate_media(color_scheme="dark")
    assert violations(page) == []
    page.get_by_role("button", name="Try again").first.click()
    expect(page.get_by_text("It is tried again now")).to_be_visible()


def test_mailbox(live_server: Any, cast: Cast, page: Page) -> None:
    words = "Alder Street: {}, see you Thu Mar 12, 2:00 pm. To change it, call 503-555-0100. STOP to opt out."
    for patient, channel in ((cast.cleo, "email"), (cast.ben, "text"), (cast.ana, "text"), (cast.ana, "text")):
        to = str(patient.phone) if channel == "text" else patient.email
        subject = "" if channel == "text" else "Alder Street: Thu Mar 12"
        gateways.keep(channel, to, subject, words.format(patient.first_called), uuid4(), patient.pk)
    sign_in(page, live_server, cast.fran)
    page.goto(f"{live_server.url}/jobs/mailbox/")
    assert violations(page) == []
    shoot(page, "mailbox")
    page.emulate_media(color_scheme="dark")
    assert violations(page) == []
    page.get_by_role("link", name="Record 103").click()
    expect(page.get_by_text("Cleo, see you")).to_be_visible()
