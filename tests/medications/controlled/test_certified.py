"""The certified system (R-RX-06), who may tell (R-RX-05), the monthly log (R-RX-07), what the daily job reminds of."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import InternalError, transaction

from clinic import clock
from clinic.practice.models import Setting
from clinic.refusal import Refused
from medications.controlled import actions, queries
from medications.controlled.models import CertifiedStep, LogReview
from medications.prescribing import actions as prescribing
from medications.prescribing.actions import Regimen
from medications.prescribing.actions import common as prescribing_common
from medications.prescribing.actions.supplying import issue
from medications.prescribing.models import Authorisation, DoseOrder
from medications.safety import actions as safety
from medications.safety.models import InPersonExam, PdmpCheck
from patients.inbox.models import Task
from tests.cast import BEGINNING, Cast, client, on_team
from tests.furnished import Everything
from tests.medications.prescribing.given import NOW, TODAY, product, started, supply
from tests.refused import refused_by

MARCH, FEBRUARY = date(2026, 3, 1), date(2026, 2, 1)


def lorazepam(cast: Cast, patient: Any = None, by: Any = None, **more: Any) -> DoseOrder:
    given: dict[str, Any] = {"seen": "video", "answers": Everything(), **more}
    return started(patient or cast.ana, by=by or cast.priya, drug="lorazepam", strength="0.5", **given)


def authorised(cast: Cast) -> Authorisation:
    return lorazepam(cast).authorisations.get()


def test_number_and_status_are_appended_by_who_signed(cast: Cast) -> None:
    """R-RX-05, R-RX-06"""
    row = authorised(cast)
    assert queries.of_order(row.order_id)[0].words == queries.INTENDED
    on_team(cast.ana, cast.paul, "prescriber")
    with pytest.raises(Refused, match="Only the prescriber who signed"):
        actions.tell_certified(row, status="signed", number="A-1", by=cast.paul)
    actions.tell_certified(row, status="failed", words="Token expired.", by=cast.priya)
    actions.tell_certified(row, status="signed", number="A-1", by=cast.priya)
    actions.tell_certified(row, status="cancelled", by=cast.priya)
    (told,) = queries.of_order(row.order_id)
    assert ([step.status for step in told.steps], told.number, told.newest) == (
        ["failed", "signed", "cancelled"], "A-1", "cancelled",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("before", "given", "says"),
    [
        ([], {"status": "signed"}, "Write the number"),
        ([], {"status": "failed"}, "Write what it said"),
        ([], {"status": "sent"}, "Choose what happened"),
        ([], {"status": "cancelled"}, "has not left"),
        (["signed"], {"status": "failed", "words": "x"}, "has left already"),
        (["signed", "cancelled"], {"status": "paper"}, "was cancelled"),
    ],
)
def test_what_cannot_be_is_refused(cast: Cast, before: list[str], given: dict[str, Any], says: str) -> None:
    row = authorised(cast)
    for status in before:
        actions.tell_certified(row, status=status, number="A-1" if status == "signed" else "", by=cast.priya)
    with pytest.raises(Refused, match=says):
        actions.tell_certified(row, by=cast.priya, **given)


def test_a_void_one_is_not_sent_and_a_sent_one_that_is_void_is_to_be_cancelled(cast: Cast) -> None:
    first, second = lorazepam(cast), lorazepam(cast)
    sent = first.authorisations.get()
    actions.tell_certified(sent, status="signed", number="A-1", by=cast.priya)
    for order in (first, second):
        prescribing.stop(order.prescription, reason="Not needed.", answers=Everything(), by=cast.priya)
    assert queries.of_order(first.pk)[0].to_cancel
    with pytest.raises(Refused, match="void: do not send"):
        actions.tell_certified(second.authorisations.get(), status="signed", number="A-2", by=cast.priya)
    with pytest.raises(Refused, match="belongs to another"):
        actions.tell_certified(authorised(cast), status="signed", number="A-1", by=cast.priya)


def test_the_page_says_that_no_system_is_connected(cast: Cast) -> None:
    """R-RX-06"""
    row = authorised(cast)
    address, browser = f"/controlled/{cast.ana.pk}/certified/{row.pk}/", client(cast.priya)
    assert b"This is an intent, not a prescription" in browser.get(address).content
    assert browser.post(address, {"status": "signed"}).status_code == 422
    assert browser.post(address, {"status": "signed", "number": "A-7"}).status_code == 302
    assert b"A-7" in client(cast.tess).get(f"/controlled/{cast.ana.pk}/orders/{row.order_id}/").content
    assert client(cast.tess).get(address).status_code == 404


def test_the_log_holds_ones_own_controlled_prescriptions_of_the_month(cast: Cast) -> None:
    """R-RX-07"""
    with clock.at(NOW - timedelta(days=5)):
        before = lorazepam(cast).authorisations.get()
    mine = authorised(cast)
    started(cast.ana, by=cast.priya, answers=Everything())
    lorazepam(cast, cast.ben, cast.paul)
    assert [one.row for one in queries.log(cast.priya, MARCH)] == [mine]
    assert [one.row for one in queries.log(cast.priya, FEBRUARY)] == [before]


def test_a_liquid_is_told_by_its_concentration_and_in_milliliters(cast: Cast) -> None:
    """“lorazepam 2 mg, 30” would be thirty tablets. R-RX-07"""
    drops = Regimen(product("lorazepam", 2, "oral solution"), [{"when": "bedtime", "quantity": "0.5"}])
    order = lorazepam(cast, regimen=drops, supply=supply(15, 30))
    browser = client(cast.priya)
    log = browser.get("/controlled/log/?month=2026-03").content.decode()
    assert ("lorazepam 2&nbsp;mg/mL</a>" in log, ">15&nbsp;mL</td>" in log) == (True, True)
    assert "15&nbsp;mL for 30 days" in browser.get(f"/controlled/{cast.ana.pk}/orders/{order.pk}/").content.decode()


def test_the_log_of_a_month_is_looked_through_once_it_is_over(cast: Cast) -> None:
    """R-RX-07"""
    with clock.at(NOW - timedelta(days=5)):
        lorazepam(cast)
    browser = client(cast.priya)
    assert actions.remind(TODAY)["logs"] == 1
    task = Task.objects.get(kind="controlled.log", done_at=None)
    assert (task.for_user, task.due_on) == (cast.priya, date(2026, 3, 7))
    with pytest.raises(Refused, match="not over"):
        actions.review_log(MARCH, by=cast.priya)
    assert browser.post("/controlled/log/?month=2026-02", {}).status_code == 302
    task.refresh_from_db()
    assert (LogReview.objects.get().count, task.outcome) == (1, "looked through")
    with pytest.raises(Refused, match="already"):
        actions.review_log(FEBRUARY, by=cast.priya)
    assert actions.remind(TODAY)["logs"] == 0
    assert client(cast.max).get("/controlled/log/").status_code == 404


@pytest.mark.parametrize(
    ("left", "tasks", "urgent"),
    [(61, 0, False), (60, 1, False), (31, 1, False), (30, 1, True), (0, 1, True), (-1, 0, False)],
)
def test_sixty_and_thirty_days_before_the_law_ends(cast: Cast, left: int, tasks: int, urgent: bool) -> None:
    """R-RX-09: a task to the prescriber that opens the list of patients."""
    lorazepam(cast, seen="video")
    until = TODAY + timedelta(days=left)
    Setting.objects.create(
        key="telehealth_cs_until", value=until.isoformat(), effective_from=TODAY - timedelta(days=1), set_at=NOW
    )
    for _ in range(2):
        actions.remind(TODAY)
    found = list(Task.objects.filter(kind="controlled.telehealth", done_at=None))
    assert [(one.for_user, one.urgent) for one in found] == [(cast.priya, urgent)] * tasks
    assert all("Quiroga" not in one.sentence for one in found)


def test_the_list_names_who_was_never_examined(cast: Cast) -> None:
    """R-RX-09"""
    lorazepam(cast)
    assert b"Annie Quiroga" in client(cast.priya).get("/controlled/telehealth/").content
    assert b"Quiroga" not in client(cast.paul).get("/controlled/telehealth/").content
    safety.record_exam(cast.ana, by=cast.priya)
    assert list(queries.without_exam(TODAY)) == []


def test_starting_in_person_records_the_examination(cast: Cast) -> None:
    """R-RX-09"""
    lorazepam(cast, seen="in_person")
    assert [(one.examined_on, one.recorded_by) for one in InPersonExam.objects.all()] == [(TODAY, cast.priya)]
    started(cast.ana, by=cast.priya, seen="in_person", answers=Everything())
    assert InPersonExam.objects.count() == 1


def test_a_program_that_is_due_is_a_task_until_it_is_looked_up(cast: Cast) -> None:
    """R-RX-10"""
    safety.look_up(cast.ana, result="nothing", by=cast.priya)
    lorazepam(cast)
    later = TODAY + timedelta(days=90)
    with clock.at(NOW + timedelta(days=90)):
        assert actions.remind(later - timedelta(days=1))["programs"] == 0
        assert [actions.remind(later)["programs"] for _ in range(2)] == [1, 1]
        (task,) = Task.objects.filter(kind="controlled.pdmp", done_at=None)
        safety.look_up(cast.ana, result="skipped", words="The site is down.", by=cast.priya)
        assert Task.objects.filter(kind="controlled.pdmp", done_at=None).count() == 1
        safety.look_up(cast.ana, result="expected", by=cast.priya)
    task.refresh_from_db()
    assert task.outcome == "looked up"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"result": "perhaps"}, "Choose what"),
        ({"result": "unexpected"}, "not expected"),
        ({"result": "skipped"}, "Write why"),
        ({"result": "expected", "looked_on": TODAY + timedelta(days=1)}, "future"),
        ({"result": "expected", "looked_on": TODAY - timedelta(days=8)}, "within a week"),
    ],
)
def test_a_look_up_that_cannot_be_is_refused(cast: Cast, given: dict[str, Any], says: str) -> None:
    """R-RX-10"""
    with pytest.raises(Refused, match=says):
        safety.look_up(cast.ana, by=cast.priya, **given)


def test_attestations_are_a_prescribers_and_errors_leave_the_checks(cast: Cast) -> None:
    """R-RX-05"""
    for by in (cast.tess, cast.paul):
        with pytest.raises(Refused, match="Only a prescriber"):
            safety.record_exam(cast.ana, by=by)
    row = safety.record_exam(cast.ana, examined_on=TODAY, by=cast.priya)
    assert safety.record_exam(cast.ana, examined_on=TODAY, by=cast.priya) == row
    address = f"/checks/{cast.ana.pk}/in-error/exam/{row.pk}/"
    assert client(cast.priya).post(address, {"reason": "other patient"}).status_code == 302
    page = client(cast.tess).get(f"/checks/{cast.ana.pk}/attested/").content
    assert (b"other patient" in page, client(cast.tess).get(address).status_code) == (True, 404)
    with pytest.raises(Refused, match="already"):
        safety.retract(row, reason="again", by=cast.priya)
    with pytest.raises(Refused, match="by whom"):
        safety.record_exam(cast.ana, where="elsewhere", by=cast.priya)


def test_what_the_database_refuses(cast: Cast) -> None:
    row = authorised(cast)
    step = {"authorisation": row, "patient": cast.ana, "backend": "local", "at": NOW, "by": cast.priya}
    with refused_by("certified_status_known"):
        CertifiedStep.objects.create(status="sent", **step)
    with refused_by("certified_signed_has_number"):
        CertifiedStep.objects.create(status="signed", **step)
    with refused_by("certified_failed_says_why"):
        CertifiedStep.objects.create(status="failed", **step)
    kept = CertifiedStep.objects.create(status="signed", number="A-1", **step)
    with refused_by("certified_number_once"):
        CertifiedStep.objects.create(status="signed", number="A-1", **step)
    with pytest.raises(InternalError, match="Cannot update"), transaction.atomic():
        CertifiedStep.objects.filter(pk=kept.pk).update(number="A-2")
    LogReview.objects.create(user=cast.priya, month=FEBRUARY, count=1, at=NOW)
    with refused_by("log_reviewed_once"):
        LogReview.objects.create(user=cast.priya, month=FEBRUARY, count=1, at=NOW)
    with refused_by("log_month_begins"):
        LogReview.objects.create(user=cast.priya, month=TODAY, count=1, at=NOW)


def test_what_the_database_refuses_of_attestations(cast: Cast) -> None:
    made: dict[str, Any] = {"patient": cast.ana, "recorded_at": BEGINNING, "recorded_by": cast.priya}
    looked: dict[str, Any] = {"looked_on": TODAY, "result": "expected", **made}
    seen: dict[str, Any] = {"examined_on": TODAY, "where": "here", **made}
    for name, model, wrong in (
        ("pdmp_result_known", PdmpCheck, {**looked, "result": "perhaps"}),
        ("pdmp_says_why", PdmpCheck, {**looked, "result": "skipped"}),
        ("pdmp_by_somebody", PdmpCheck, {**looked, "recorded_by": None}),
        ("pdmp_retracted_whole", PdmpCheck, {**looked, "retracted_at": NOW}),
        ("exam_place_known", InPersonExam, {**seen, "where": "there", "words": "x"}),
        ("exam_elsewhere_says_by_whom", InPersonExam, {**seen, "where": "elsewhere"}),
        ("exam_by_somebody", InPersonExam, {**seen, "recorded_by": None}),
        ("exam_retracted_whole", InPersonExam, {**seen, "retracted_at": NOW}),
    ):
        with refused_by(name):
            model.objects.create(**wrong)
    row = PdmpCheck.objects.create(**looked)
    with pytest.raises(InternalError, match="Cannot update"), transaction.atomic():
        PdmpCheck.objects.filter(pk=row.pk).update(result="nothing")


def test_what_is_authorised_in_addition_counts_toward_five_in_six_months(cast: Cast) -> None:
    """R-RX-03: 2 and 1 more are 3; 3 more would be 6; the end stays that of the first."""
    first = lorazepam(cast, supply=supply(refills=2)).authorisations.get()
    prescribing.record_fill(
        first.prescription, filled_on=TODAY, quantity=first.quantity, days_supply=30, told_by="pharmacy", by=cast.priya
    )
    with clock.at(NOW + timedelta(days=20)):
        more = actions.add_refills(first, refills=1, by=cast.priya)
        assert (more.refills, more.added, more.extends, more.expires_on) == (2, 1, first, first.expires_on)
        with pytest.raises(Refused, match="It has had 3 since it was issued: 2 left"):
            actions.add_refills(more, refills=3, by=cast.priya)
        last = actions.add_refills(more, refills=2, by=cast.priya)
        with pytest.raises(Refused, match="set refills to 0 or fewer"):
            actions.add_refills(last, refills=1, by=cast.priya)
    live = Authorisation.objects.filter(prescription=first.prescription, voided_at=None)
    assert (list(live), last.refills, queries.counted(last)) == ([last], 4, 5)


@pytest.mark.parametrize(
    ("days", "refills", "says"), [(0, 0, "1 or more"), (0, 6, "5 or fewer"), (185, 1, "lapsed after six months")]
)
def test_refills_that_cannot_be_added_are_refused(cast: Cast, days: int, refills: int, says: str) -> None:
    """R-RX-03"""
    row = authorised(cast)
    with clock.at(NOW + timedelta(days=days)), pytest.raises(Refused, match=says):
        actions.add_refills(row, refills=refills, by=cast.priya)


def test_more_refills_only_by_a_prescriber_of_the_team_and_never_of_what_is_void_or_ii(cast: Cast) -> None:
    """R-RX-01, R-RX-05"""
    row = authorised(cast)
    with pytest.raises(Refused, match="Only a prescriber"):
        actions.add_refills(row, refills=1, by=cast.tess)
    stimulant = started(cast.ana, by=cast.priya, drug="methylphenidate", strength=10, answers=Everything())
    with pytest.raises(Refused, match="Schedules III to V"):
        actions.add_refills(stimulant.authorisations.get(), refills=1, by=cast.priya)
    address = f"/controlled/{cast.ana.pk}/more/{row.pk}/"
    assert client(cast.priya).post(address, {"refills": "5..0"}).status_code == 422
    assert client(cast.priya).post(address, {"refills": "2"}).status_code == 302
    assert client(cast.tess).get(address).status_code == 404
    with pytest.raises(Refused, match="is void"):
        actions.add_refills(row, refills=1, by=cast.priya)


def test_the_database_counts_the_five(cast: Cast) -> None:
    """R-RX-03"""
    row = lorazepam(cast, supply=supply(refills=3)).authorisations.get()
    prescribing_common.void(row.prescription, "x", by=cast.priya)
    given: dict[str, Any] = {"by": cast.priya, "extends": row}
    with pytest.raises(InternalError, match="five refills in six months"), transaction.atomic():
        issue(row.prescription, row.order, supply(refills=5), today=TODAY, added=3, **given)
    with refused_by("authorisation_added_to_another"):
        issue(row.prescription, row.order, supply(refills=1), today=TODAY, added=0, **given)
    issue(row.prescription, row.order, supply(refills=5), today=TODAY, added=2, **given)
