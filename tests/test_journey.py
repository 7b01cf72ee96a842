"""The main job, from the booking to the refill, in a browser, by everybody who has a part in it; and nothing leaks.

The desk books a stacked visit; reminders leave; the patient answers at the desk's device; the therapist reads what
changed, logs the session against two objectives and signs; the prescriber sees the session's line and the score, raises
the dose with a reason and signs the visit; plan and picture show it; at run-out the job opens a request, the prescriber
approves, the message is in the mailbox. The clock is moved, never slept.
"""

import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.core.cache.backends.base import BaseCache
from playwright.sync_api import BrowserContext, Page, expect

from clinic import clock
from clinic.audit.models import AuditEvent
from clinic.outbox import actions as outbox
from clinic.outbox.models import JobRun, LocalDelivery, OutboxItem
from clinic.web.templatetags.words import clock_time
from medications.catalogue.models import Product
from medications.prescribing import actions as prescribing
from medications.prescribing.models import Authorisation, DoseOrder, Prescription
from medications.refills.models import RefillRequest
from medications.refills.tasks import open_due
from patients.measures.models import Score
from patients.notes.models import Note
from patients.plan import actions as plan
from patients.plan.models import PlanVersion
from patients.record import actions as record
from patients.record.enums import FactKey
from patients.scheduling.models import Attendance, Booking
from patients.timeline.models import Entry
from tests.cast import Cast, at
from tests.look import sign_in, violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BOOKED, VISIT = "2026-03-02", "2026-03-09"
# What must stand nowhere but in the database and on the pages of those who may read it.
SECRET_WORDS = ("Quiroga", "Annie", "sertraline", "Zoloft", "bridge alone", "lighthouse", "restless at night", "F33.1")


@dataclass
class Leaks:
    """Everything that leaves the database on the way: log lines, addresses, task arguments, cache keys."""

    lines: io.StringIO = field(default_factory=io.StringIO)
    addresses: list[str] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def text(self) -> str:
        """All of it in one text, and what due work and job rows hold."""
        rows = [f"{i.kind} {i.purpose} {i.args} {i.outcome}" for i in OutboxItem.objects.all()]
        rows += [f"{r.job} {r.counts} {r.problem}" for r in JobRun.objects.all()]
        rows += [f"{e.page} {e.what} {e.detail} {e.object_kind}" for e in AuditEvent.objects.all()]
        return "\n".join([self.lines.getvalue(), *self.addresses, *self.tasks, *self.keys, *rows])


@pytest.fixture
def leaks(context: BrowserContext) -> Iterator[Leaks]:
    """Listens to the root logger, the browser's requests, Celery's messages and the cache's keys."""
    found = Leaks()
    handler = logging.StreamHandler(found.lines)
    logging.getLogger().addHandler(handler)
    before = logging.getLogger().level
    logging.getLogger().setLevel(logging.INFO)
    context.on("request", lambda request: found.addresses.append(request.url))
    make_key = BaseCache.make_key

    def keyed(self: Any, key: str, version: int | None = None) -> str:
        found.keys.append(str(key))
        return str(make_key(self, key, version))

    def sent(self: Any, name: str, args: Any = None, kwargs: Any = None, **more: Any) -> None:
        found.tasks.append(f"{name} {args} {kwargs}")

    with patch("celery.app.base.Celery.send_task", sent), patch.object(BaseCache, "make_key", keyed):
        yield found
    logging.getLogger().setLevel(before)
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def story(cast: Cast) -> Iterator[Cast]:
    """Ana as she is before: a plan with two objectives, sertraline 50 mg since January, messages by text."""
    ana = cast.ana
    with clock.at(at("2026-01-05 09:00")):
        record.choose_channel(ana, channel="text", by=cast.fran)
        record.no_known_allergies(ana, by=cast.tess)
        condition = record.add_condition(ana, code="F33.1", by=cast.tess)
        for key in FactKey.values:
            record.record_fact(ana, key=key, answer="no", by=cast.priya)
        version = plan.draft(ana, by=cast.tess)
        problem = plan.add_problem(
            version, title="Low mood", goal_words="I want to see the lighthouse again.", condition=condition,
            by=cast.tess,
        )  # fmt: skip
        for words, more in (
            ("PHQ-9 under 5", {"instrument": "phq9", "baseline": 16, "target": 5, "target_is_below": True}),
            ("Drives the bridge alone", {"unit": "times a week", "baseline": 0, "target": 3}),
        ):
            plan.add_objective(problem, words=words, owner="both", target_on=date(2026, 9, 1), by=cast.tess, **more)  # type: ignore[arg-type]
        plan.add_intervention(
            problem, arm="therapy", modality="cbt", frequency="weekly", duration="16 weeks", provider=cast.tess,
            by=cast.tess,
        )  # fmt: skip
        medicine = plan.add_intervention(problem, arm="medication", by=cast.tess)
        order = prescribing.prescribe(
            ana, regimen=regimen("1"), supply=prescribing.Supply(Decimal(30), 30, 1), target_symptom="low mood",
            reason="First choice, agreed together.", problem=problem.problem, by=cast.priya,
        )  # fmt: skip
        prescribing.link(order.prescription, problem=problem.problem, intervention=medicine.intervention, by=cast.priya)
        version = PlanVersion.objects.get(pk=version.pk)
        plan.save(version, based_on=version.revision, discharge_criteria="Eight weeks under five.", by=cast.tess)
        plan.sign(PlanVersion.objects.get(pk=version.pk), patient_agreed="agreed", by=cast.tess)
    with clock.at(at("2026-02-04 12:00")):
        prescribing.record_fill(
            order.prescription, filled_on=date(2026, 2, 3), quantity=Decimal(30), days_supply=30, told_by="pharmacy",
            by=cast.priya,
        )  # fmt: skip
    yield cast
    clock.set_to(None)


def regimen(quantity: str) -> prescribing.Regimen:
    """Sertraline 50 mg tablets in the morning."""
    product = Product.objects.get(
        drug__generic_name="sertraline", form="tablet", release="immediate", strength=50, unit="mg"
    )
    return prescribing.Regimen(product, [{"when": "morning", "quantity": quantity}])


def test_one_patient_two_clinicians(story: Cast, leaks: Leaks, page: Page, live_server: Any) -> None:
    the_desk_books(story, page, live_server)
    reminders_leave(story)
    the_patient_answers(story, page, live_server)
    the_therapist_logs_the_session(story, page, live_server)
    the_prescriber_raises_the_dose(story, page, live_server)
    plan_and_picture_show_it(story, page, live_server)
    the_refill_is_approved(story, page, live_server)
    nothing_leaked(leaks)


def the_desk_books(cast: Cast, page: Page, live_server: Any) -> None:
    clock.set_to(at(f"{BOOKED} 10:00"))
    sign_in(page, live_server, cast.fran)
    page.goto(f"{live_server.url}/schedule/board/?day={VISIT}")
    page.keyboard.press("2")
    page.wait_for_url("**/schedule/book/?two=1")
    page.keyboard.type("quiroga")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Annie Quiroga", exact=True).click()
    page.locator("#id_from_day").fill(VISIT)
    page.locator("#id_from_day").press("Tab")
    expect(page.locator("fieldset.slots legend").first).to_contain_text("Mar 9")
    page.locator("input[name=slot]").first.check()
    page.get_by_role("button", name="Book", exact=True).click()
    page.wait_for_url("**/schedule/board/**")
    booking = Booking.objects.get()
    assert [s.clinician for s in booking.segments.order_by("starts_at")] == [cast.tess, cast.priya]
    assert {s.starts_at.date() for s in booking.segments.all()} == {date(2026, 3, 9)}


def reminders_leave(cast: Cast) -> None:
    assert LocalDelivery.objects.count() == 0
    for day, expected in (("2026-03-05", 0), ("2026-03-06", 1), ("2026-03-08", 2)):
        clock.set_to(at(f"{day} 20:30"))
        outbox.deliver_due()
        assert LocalDelivery.objects.count() == expected, day
    body = LocalDelivery.objects.order_by("at")[0].body
    assert body.startswith("Alder Street: Annie, see you Mon Mar 9")
    assert body.endswith("STOP to opt out.")
    outbox.deliver_due()
    assert LocalDelivery.objects.count() == 2


def the_patient_answers(cast: Cast, page: Page, live_server: Any) -> None:
    first = Attendance.objects.order_by("segment__starts_at")[0]
    clock.set_to(first.segment.starts_at - timedelta(minutes=12))
    sign_in(page, live_server, cast.fran)
    page.goto(f"{live_server.url}/schedule/{cast.ana.pk}/visit/{first.pk}/")
    page.get_by_role("button", name="Arrived").click()
    page.goto(f"{live_server.url}/measures/{cast.ana.pk}/hand-over/?attendance={first.pk}")
    page.get_by_role("button", name="Open here and sign me out").click()
    page.get_by_role("link", name="Begin").click()
    for label in ["More than half the days"] * 5 + ["Several days"] * 3 + ["Not at all"]:
        page.get_by_label(label, exact=True).check()
        page.get_by_role("button", name="Next").click()
    page.get_by_label("Somewhat difficult", exact=True).check()
    page.get_by_role("button", name="Next").click()
    for _ in range(7):
        page.get_by_label("Several days", exact=True).check()
        page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_text("Give the device back to the desk.")).to_be_visible()
    page.goto(f"{live_server.url}/schedule/board/")
    expect(page).to_have_url(f"{live_server.url}/accounts/login/?next=/schedule/board/")
    assert dict(Score.objects.values_list("instrument", "total")) == {"phq9": 13, "gad7": 7}
    first.refresh_from_db()
    assert first.status == "arrived"


def the_therapist_logs_the_session(cast: Cast, page: Page, live_server: Any) -> None:
    clock.set_to(Attendance.objects.order_by("segment__starts_at")[0].segment.starts_at)
    sign_in(page, live_server, cast.tess)
    page.goto(f"{live_server.url}/")
    expect(page.get_by_role("link", name="Annie Quiroga")).to_be_visible()
    page.goto(f"{live_server.url}/chart/{cast.ana.pk}/")
    since = page.locator(".facts-list")
    expect(since).to_contain_text("PHQ-9")
    expect(since).to_contain_text("13")
    assert violations(page) == []
    page.get_by_role("button", name="Start session").click()
    page.wait_for_url("**/sessions/**")
    for name, words in (
        ("Data", "She drove over the bridge alone on two mornings."),
        ("Assessment", "The feared thing was tried and borne."),
        ("Plan", "Once more before Friday; look at the lighthouse afterwards."),
    ):
        page.get_by_role("textbox", name=name, exact=True).fill(words)
    page.get_by_label("Topic line").fill("The bridge alone, twice")
    page.get_by_role("radiogroup", name="Drives the bridge alone").get_by_text("better").click()
    page.get_by_role("radiogroup", name="PHQ-9 under 5").get_by_text("same").click()
    let_time_pass(page, "Plan", 45)
    page.get_by_role("button", name="End and sign").click()
    page.wait_for_url("**/notes/**")
    note = Note.objects.get(kind="session")
    assert note.signed_by == cast.tess
    assert note.format == "DAP"
    assert note.code == "90834"
    assert sorted(note.session.objectives.values_list("progress", flat=True)) == ["better", "same"]


def let_time_pass(page: Page, part: str, minutes: int) -> None:
    """Minutes of a visit in which somebody writes: each save renews the idle clock (R-HS-03)."""
    box, saved = page.get_by_role("textbox", name=part, exact=True), page.locator("[data-saved]").first
    expect(saved).to_contain_text("Saved")
    while minutes > 0:
        step = min(minutes, 14)
        clock.set_to(clock.now() + timedelta(minutes=step))
        minutes -= step
        box.press_sequentially(".")
        box.blur()
        expect(saved).to_contain_text(f"Saved {clock_time(clock.now(), 'America/Los_Angeles')}")


def the_prescriber_raises_the_dose(cast: Cast, page: Page, live_server: Any) -> None:
    second = Attendance.objects.order_by("segment__starts_at")[1]
    clock.set_to(second.segment.starts_at)
    sign_in(page, live_server, cast.priya)
    page.goto(f"{live_server.url}/chart/{cast.ana.pk}/")
    expect(page.locator(".facts-list")).to_contain_text("The bridge alone, twice")
    page.get_by_role("button", name="Start visit").click()
    page.wait_for_url("**/visits/**")
    address = page.url
    prescription = Prescription.objects.get()
    page.goto(f"{live_server.url}/medicines/{cast.ana.pk}/{prescription.pk}/change/")
    page.get_by_label("One step more").click()
    page.locator("#id_daily").fill("100")
    page.locator("#id_daily").press("Tab")
    expect(page.locator("#id_q_morning")).to_have_value("2")
    page.get_by_label("Why now").fill("Partial response at week nine, restless at night.")
    expect(page.locator("#findings")).to_be_visible()
    page.get_by_role("button", name="Sign the").click()
    page.wait_for_url(f"**/medicines/{cast.ana.pk}/")
    order = DoseOrder.objects.order_by("signed_at").last()
    assert order is not None
    assert (order.daily_amount, order.reason) == (Decimal(100), "Partial response at week nine, restless at night.")
    assert Authorisation.objects.filter(voided_at=None).get().order == order
    page.goto(address)
    for name, words in (
        ("Since the last visit", "Better mornings; restless at night."),
        ("Medicines and their effects", "Taken daily. Some nausea in week one."),
        ("Mental status", "Calm, thoughts in order."),
        ("Assessment", "Partial response."),
        ("Plan", "100 mg from today, seen in four weeks."),
    ):
        page.get_by_role("textbox", name=name, exact=True).fill(words)
    page.get_by_label("Line for the care team").fill("100 mg from today. Tell me if she is restless at night.")
    page.locator("input[name=em_level][value=moderate]").check()
    let_time_pass(page, "Plan", 20)
    page.get_by_role("button", name="End and sign").click()
    page.wait_for_url("**/notes/**")
    assert Note.objects.get(kind="medication").code == "99214"


def plan_and_picture_show_it(cast: Cast, page: Page, live_server: Any) -> None:
    clock.set_to(clock.now() + timedelta(days=3))
    sign_in(page, live_server, cast.tess)
    page.goto(f"{live_server.url}/chart/{cast.ana.pk}/")
    since = page.locator(".facts-list")
    expect(since).to_contain_text("Sertraline")
    expect(since).to_contain_text("100")
    expect(page.locator("p.quote-p", has_text="Tell me if she is restless at night.")).to_be_visible()
    expect(page.locator("svg.chart").first).to_contain_text("100")
    assert violations(page) == []
    page.goto(f"{live_server.url}/plan/{cast.ana.pk}/")
    expect(page.locator("main")).to_contain_text("100\u00a0mg")
    assert not PlanVersion.objects.filter(intervention_rows__words__contains="100").exists()


def the_refill_is_approved(cast: Cast, page: Page, live_server: Any) -> None:
    prescription = Prescription.objects.get()
    live = Authorisation.objects.get(voided_at=None)
    clock.set_to(at("2026-03-10 12:00"))
    prescribing.record_fill(
        prescription, filled_on=date(2026, 3, 10), quantity=live.quantity, days_supply=live.days_supply,
        told_by="pharmacy", by=cast.priya,
    )  # fmt: skip
    end = date(2026, 3, 10) + timedelta(days=live.days_supply * (1 + live.refills))
    clock.set_to(at(f"{end - timedelta(days=11)} 04:10"))
    open_due()
    assert RefillRequest.objects.count() == 0
    clock.set_to(at(f"{end - timedelta(days=10)} 04:10"))
    open_due()
    assert RefillRequest.objects.get().state == "requested"
    clock.set_to(at(f"{end - timedelta(days=10)} 10:00"))
    sign_in(page, live_server, cast.priya)
    page.goto(f"{live_server.url}/refills/")
    expect(page.get_by_role("heading", name="Annie Quiroga")).to_be_visible()
    assert violations(page) == []
    page.locator("input[name=do][value=approve]").check()
    for reason in page.locator("[name^='reason:']").all():
        reason.fill("Seen in time; next visit is being arranged.")
    page.get_by_role("button", name="Sign, next").click()
    expect(page.get_by_role("heading", name="Annie Quiroga")).to_have_count(0)
    request = RefillRequest.objects.get()
    assert (request.state, request.decided_by) == ("approved", cast.priya)
    assert Authorisation.objects.get(voided_at=None) == request.authorisation
    before = LocalDelivery.objects.count()
    outbox.deliver_due()
    assert LocalDelivery.objects.count() == before  # ten seconds to undo it
    clock.set_to(at(f"{end - timedelta(days=10)} 10:01"))
    outbox.deliver_due()
    assert LocalDelivery.objects.count() == before + 1
    assert "we have news for you" in LocalDelivery.objects.order_by("-at")[0].body
    sign_in(page, live_server, cast.max)
    page.goto(f"{live_server.url}/jobs/mailbox/")
    expect(page.locator("main")).to_contain_text("we have news for you")


def nothing_leaked(leaks: Leaks) -> None:
    """R-HS-07. The listeners heard something, and could have heard the words: the rows hold them."""
    text = leaks.text().casefold()
    assert "request_finished" in text
    assert "/chart/" in text
    assert "scheduling.reminder" in text
    rows = " ".join(Entry.objects.values_list("label", flat=True)).casefold()
    assert "bridge alone" in rows
    found = [word for word in SECRET_WORDS if word.casefold() in text]
    assert found == []
