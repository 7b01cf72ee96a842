"""The Medication tab, a new drug, a change: shown, checked while typed, signed; every word kept where it is refused."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from medications.prescribing import actions
from medications.prescribing.models import DoseOrder, Fill, Prescription, StoredFinding
from tests.cast import Cast, client
from tests.medications.prescribing.given import TODAY, changed, product, regimen, started


def url(name: str, cast: Cast, pk: UUID | None = None) -> str:
    """An address of prescribing for Ana."""
    extra = {} if pk is None else {"pk": pk}
    return reverse(f"prescribing:{name}", kwargs={"patient_id": cast.ana.pk, **extra})


def typed(**change: Any) -> dict[str, Any]:
    """What a browser sends for a change to 100 mg."""
    return {
        "product": str(product("sertraline", 100).pk), "daily": "100", "daily_shown": "100", "every_days": "1",
        "q_morning": "1", "from_day": TODAY.isoformat(), "quantity": "30", "days": "30", "refills": "1",
        "reason": "Partial response.", "based_on": "0", **change,
    }  # fmt: skip


@pytest.fixture
def priya(cast: Cast) -> Client:
    return client(cast.priya)


def test_the_list_tells_everything_there_is(cast: Cast, priya: Client) -> None:
    order = started(cast.ana, by=cast.priya)
    actions.report(cast.ana, drug_text="Sleep gummies", origin="reported", started_on=TODAY, by=cast.tess)
    stopped = started(cast.ana, by=cast.priya, drug="hydroxyzine", strength=25)
    actions.stop(stopped.prescription, reason="Too drowsy.", by=cast.priya)
    wrong = started(cast.ana, by=cast.priya, drug="buspirone", strength=10)
    actions.retract_order(wrong, reason="Wrong chart.", by=cast.priya)
    page = priya.get(url("medication", cast)).content.decode()
    for words in (order.sig, "Sleep gummies", "as the patient reports", "1 stopped", "Too drowsy.", "Wrong chart."):
        assert words in page
    assert "Change dose" in page
    assert "low mood" in page


def test_a_therapist_reads_and_may_not_prescribe(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya)
    page = client(cast.tess).get(url("medication", cast)).content.decode()
    assert order.sig in page
    assert "Change dose" not in page
    assert client(cast.tess).get(url("change", cast, order.prescription_id)).status_code == 404


def test_the_page_of_a_change_shows_now_and_new(cast: Cast, priya: Client) -> None:
    order = started(cast.ana, by=cast.priya)
    page = priya.get(url("change", cast, order.prescription_id)).content.decode()
    for words in ("Change the dose of sertraline", "50\u00a0mg", "Label: 50–200\u00a0mg a day.", "Not checked"):
        assert words in page


def test_a_change_is_signed(cast: Cast, priya: Client) -> None:
    order = started(cast.ana, by=cast.priya)
    response = priya.post(url("change", cast, order.prescription_id), typed())
    assert (response.status_code, response.headers.get("Location")) == (302, url("medication", cast))
    new = DoseOrder.objects.exclude(pk=order.pk).get()
    assert (new.daily_amount, new.reason) == (Decimal(100), "Partial response.")


def test_while_typing_the_checks_speak(cast: Cast, priya: Client) -> None:
    order = started(cast.ana, by=cast.priya)
    actions.report(cast.ana, drug_text="escitalopram", origin="outside", started_on=TODAY, by=cast.tess)
    data = typed(q_morning="3", daily="300", daily_shown="300", quantity="90")
    page = priya.post(url("check", cast, order.prescription_id), data, headers={"HX-Request": "true"}).content.decode()
    assert "Above the label’s maximum" in page
    assert "Two of one kind (SSRI)" in page
    assert 'name="override:dose.max"' in page
    assert "2 overrides with a reason" in page
    assert DoseOrder.objects.count() == 1


@pytest.mark.parametrize("daily", ["0", "-5", "1e9", "5..0", "NaN", "33", "x" * 5000, "\u0000"])
def test_a_hostile_daily_dose_is_answered_with_a_sentence(cast: Cast, priya: Client, daily: str) -> None:
    order = started(cast.ana, by=cast.priya)
    for name in ("check", "change"):
        response = priya.post(url(name, cast, order.prescription_id), typed(daily=daily))
        assert response.status_code == (200 if name == "check" else 422)
        assert "This cannot be signed as it stands" in response.content.decode()
    assert DoseOrder.objects.count() == 1


def test_a_thousandfold_slip_is_noticed(cast: Cast, priya: Client) -> None:
    """0.1 mg a day of clonidine typed as 100 mg."""
    order = started(cast.ana, by=cast.priya, regimen=regimen("clonidine", "0.1", when="bedtime"))
    data = typed(
        product=str(product("clonidine", "0.1").pk), q_morning="", q_bedtime="1000", daily="100", daily_shown="100",
        quantity="", days="",
    )  # fmt: skip
    page = priya.post(url("check", cast, order.prescription_id), data).content.decode()
    assert "Is the unit right?" in page
    assert "Check unit and decimal point." in page


def test_without_our_script_the_typed_daily_dose_is_shared_out(cast: Cast, priya: Client) -> None:
    order = started(cast.ana, by=cast.priya)
    data = typed(product=str(product("sertraline", 50).pk), daily="75", daily_shown="50", quantity="45")
    assert priya.post(url("change", cast, order.prescription_id), data).status_code == 302
    assert DoseOrder.objects.exclude(pk=order.pk).get().lines == [{"when": "morning", "quantity": "1.5"}]


def test_what_is_refused_keeps_every_word(cast: Cast, priya: Client) -> None:
    order = started(cast.ana, by=cast.priya)
    actions.report(cast.ana, drug_text="ibuprofen", origin="reported", started_on=TODAY, by=cast.tess)
    data = typed(
        q_morning="3", quantity="90", reason="Kept words.", **{"why:dose.max": "", "override:dose.max": "other"}
    )
    response = priya.post(url("change", cast, order.prescription_id), data)
    page = response.content.decode()
    assert response.status_code == 422
    for words in ("Kept words.", "Write why this is acceptable", 'value="other" selected', 'value="90"'):
        assert words in page
    assert DoseOrder.objects.count() == 1


def test_reasons_typed_into_the_findings_sign_it(cast: Cast, priya: Client) -> None:
    order = started(cast.ana, by=cast.priya)
    given = {"why:dose.max": "Fast metaboliser, level 40.", "override:dose.max": "specialist"}
    data = typed(q_morning="3", quantity="90", **given)
    assert priya.post(url("change", cast, order.prescription_id), data).status_code == 302
    stored = StoredFinding.objects.get(code="dose.max")
    assert (stored.override_code, stored.override_words) == ("specialist", "Fast metaboliser, level 40.")


def test_somebody_changed_it_meanwhile(cast: Cast, priya: Client) -> None:
    order = started(cast.ana, by=cast.priya)
    changed(order.prescription, by=cast.priya, strength=25)
    response = priya.post(url("change", cast, order.prescription_id), typed())
    page = response.content.decode()
    assert response.status_code == 409
    assert "Somebody changed this meanwhile" in page
    assert 'name="based_on" value="1"' in page
    assert priya.post(url("change", cast, order.prescription_id), typed(based_on="1")).status_code == 302


def test_a_new_drug_from_choice_to_signature(cast: Cast, priya: Client) -> None:
    assert priya.get(url("new", cast)).status_code == 200
    sertraline = product("sertraline", 50).drug
    page = priya.get(f"{url('new', cast)}?drug={sertraline.pk}").content.decode()
    assert "Start sertraline" in page
    data = typed(
        product=str(product("sertraline", 50).pk), drug=str(sertraline.pk), daily="50", daily_shown="50",
        target_symptom="waking at four", based_on="",
    )  # fmt: skip
    assert priya.post(url("new", cast), data).status_code == 302
    row = Prescription.objects.get()
    assert (row.target_symptom, row.orders.get().daily_amount) == ("waking at four", Decimal(50))


@pytest.mark.parametrize("drug", ["", "x", "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_drug_is_nothing(cast: Cast, priya: Client, drug: str) -> None:
    assert priya.get(url("new", cast), {"drug": drug}).status_code == (404 if drug.startswith("0") else 200)
    assert priya.post(url("check", cast), {"drug": drug}).status_code == 404


def test_hold_resume_stop(cast: Cast, priya: Client) -> None:
    pk = started(cast.ana, by=cast.priya).prescription_id
    assert priya.get(url("hold", cast, pk)).status_code == 200
    assert priya.post(url("hold", cast, pk), {"reason": ""}).status_code == 422
    assert priya.post(url("hold", cast, pk), {"reason": "Vomiting."}).status_code == 302
    assert "on hold: take none" in priya.get(url("medication", cast)).content.decode()
    assert priya.post(url("resume", cast, pk)).status_code == 302
    assert priya.post(url("stop", cast, pk), {"reason": "No.", "on": "2020-01-01"}).status_code == 422
    assert priya.post(url("stop", cast, pk), {"reason": "No.", "on": TODAY.isoformat()}).status_code == 302
    assert Prescription.objects.get().stopped_on == TODAY


def test_stopping_lithium_asks_for_its_reason_on_the_page(cast: Cast, priya: Client) -> None:
    pk = started(cast.ana, by=cast.priya, regimen=regimen("lithium", 300)).prescription_id
    data = {"reason": "No.", "on": TODAY.isoformat()}
    response = priya.post(url("stop", cast, pk), data)
    assert (response.status_code, "why:stop.abrupt" in response.content.decode()) == (422, True)
    assert priya.post(url("stop", cast, pk), {**data, "why:stop.abrupt": "Toxic level."}).status_code == 302


def test_a_fill_a_report_and_errors(cast: Cast, priya: Client) -> None:
    order = started(cast.ana, by=cast.priya)
    fill = {"filled_on": TODAY.isoformat(), "quantity": "30", "days_supply": "30", "told_by": "patient"}
    assert priya.post(url("fill", cast, order.prescription_id), fill).status_code == 302
    assert Fill.objects.get().told_by == "patient"
    report = {"drug_text": "Advil", "origin": "reported", "started_on": TODAY.isoformat(), "sig_text": ""}
    assert priya.post(url("report", cast), report).status_code == 302
    told = Prescription.objects.get(origin="reported")
    assert told.drug is not None
    assert priya.post(url("strike", cast, told.pk), {"reason": "Not hers."}).status_code == 302
    assert priya.post(url("retract", cast, order.pk), {"reason": "Wrong chart."}).status_code == 302
    assert priya.get(url("order", cast, order.pk)).status_code == 200


def test_another_persons_rows_are_not_found(cast: Cast, priya: Client) -> None:
    theirs = started(cast.ben, by=cast.paul)
    for name in ("change", "hold", "resume", "stop", "fill", "link"):
        assert priya.get(url(name, cast, theirs.prescription_id)).status_code == 404
    assert priya.post(url("retract", cast, theirs.pk), {"reason": "x"}).status_code == 404
    assert priya.get(url("order", cast, theirs.pk)).status_code == 404


@pytest.mark.parametrize("who", ["fran", "max", "olga", "theo"])
def test_nobody_else_sees_a_drug(cast: Cast, who: str) -> None:
    started(cast.ana, by=cast.priya)
    assert client(getattr(cast, who)).get(url("medication", cast)).status_code == 404


def test_other_orders_are_listed_and_errors_struck_through(cast: Cast, priya: Client) -> None:
    first = started(cast.ana, by=cast.priya)
    wrong = changed(first.prescription, by=cast.priya)
    actions.retract_order(wrong, reason="Wrong chart.", by=cast.priya)
    changed(first.prescription, by=cast.priya, strength=25)
    page = priya.get(url("medication", cast)).content.decode()
    assert "2 other orders" in page
    assert f'href="{url("order", cast, wrong.pk)}"><s>100\u00a0mg</s>' in page
    assert f'href="{url("order", cast, first.pk)}">50\u00a0mg' in page
    assert "Wrong chart." in page


def test_what_changed_meanwhile_is_said_once_and_signing_again_is_possible(cast: Cast, priya: Client) -> None:
    order = started(cast.ana, by=cast.priya)
    changed(order.prescription, by=cast.priya, strength=25)
    answer = priya.post(url("change", cast, order.prescription_id), typed(reason="Kept word for word."))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert page.count("Somebody changed this meanwhile.") == 1
    assert "There is no way past this" not in page
    assert "Kept word for word." in page


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"daily": ""}, "Write the daily dose."),
        ({"as_needed": "on"}, "As needed has a most per day. Write how many at most."),
        ({"as_needed": "on", "max_per_day": "1.3"}, "This product cannot be split that way."),
        ({"quantity": ""}, "The quantity is missing. Write a number, such as 1.5."),
    ],
)
def test_what_is_missing_is_named(cast: Cast, priya: Client, change: dict[str, str], sentence: str) -> None:
    """A dose field that was emptied signs nothing, whatever the quantities beside it say."""
    order = started(cast.ana, by=cast.priya)
    answer = priya.post(url("change", cast, order.prescription_id), typed(q_morning="1", **change))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert DoseOrder.objects.count() == 1


def test_days_that_cannot_be_read_are_said_once(cast: Cast, priya: Client) -> None:
    order = started(cast.ana, by=cast.priya)
    page = priya.post(url("change", cast, order.prescription_id), typed(days="1e3")).content.decode()
    assert "Write the days as a whole number." in page
    assert "Write for how many days this lasts." not in page


def test_what_may_be_needed_several_times_a_day_is_at_no_hour(cast: Cast, priya: Client) -> None:
    """“As needed in the morning, at most 3 a day” would contradict itself; one at bedtime as needed does not."""
    order = started(cast.ana, by=cast.priya)
    data = typed(as_needed="on", max_per_day="3", quantity="90", **{"why:dose.start": "Known to her."})
    assert "Take 1 tablet (100\u00a0mg) by mouth as needed, at most 3 tablets a day." in checked(
        priya, cast, order, data
    )
    night = typed(as_needed="on", max_per_day="1", q_morning="", q_bedtime="1")
    assert "as needed at bedtime, at most 1 tablet a day." in checked(priya, cast, order, night)


def checked(priya: Client, cast: Cast, order: DoseOrder, data: dict[str, Any]) -> str:
    """What stands on the page while it is typed."""
    return priya.post(url("check", cast, order.prescription_id), data).content.decode()


def test_a_dose_on_hold_says_before_anybody_types_that_it_is_resumed_first(cast: Cast, priya: Client) -> None:
    order = started(cast.ana, by=cast.priya)
    actions.hold(order.prescription, reason="Nausea.", by=cast.priya)
    sentence = "This is on hold. Resume it first, then change the dose."
    page = priya.get(url("change", cast, order.prescription_id)).content.decode()
    assert (sentence in page, "one thing is refused." in page) == (True, True)
    assert sentence in checked(priya, cast, order, typed(based_on="1"))
