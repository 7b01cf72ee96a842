"""The page of the list: one submit, every word kept; what was said stands where the medicine does."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic import clock
from medications.prescribing import actions as prescribing
from medications.reconciling import queries
from medications.reconciling.models import ReconciledLine, Reconciliation
from medications.visits import actions as visits
from tests.cast import Cast, client
from tests.medications.prescribing.given import changed
from tests.medications.reconciling.given import elsewhere, gone_through, ours


@pytest.fixture
def tess(cast: Cast) -> Client:
    return client(cast.tess)


def url(cast: Cast, name: str = "list", **more: Any) -> str:
    return reverse(f"reconciling:{name}", kwargs={"patient_id": cast.ana.pk, **more})


def tab(cast: Cast) -> str:
    return reverse("prescribing:medication", kwargs={"patient_id": cast.ana.pk})


def typed(cast: Cast, *answers: tuple[str, str], **more: str) -> dict[str, str]:
    """What a browser sends: an answer and words for each line of the list, in its order."""
    data = {"key": "", "after": "", **more}
    listed = queries.listed(cast.ana.pk, clock.today(cast.ana.zone))
    for one, (answer, words) in zip(listed, answers, strict=True):
        data |= {f"base:{one.key}": one.base, f"answer:{one.key}": answer, f"words:{one.key}": words}
    return data


HALF = ("differently", "half of it, she is sleepy")


def test_the_page_asks_of_every_medicine(cast: Cast, tess: Client) -> None:
    row = ours(cast)
    prescribing.hold(ours(cast, drug="hydroxyzine", strength=25), reason="Blood test first.", by=cast.priya)
    elsewhere(cast)
    elsewhere(cast, "tramadol", "outside")
    page = tess.get(url(cast)).content.decode()
    assert page.count('type="radio"') == 16
    for words in (
        row.orders.get().sig,
        "Take none until it is resumed. Before: Take 1 tablet",
        "on hold: take none",
        "as the patient reports",
        "prescribed elsewhere",
    ):
        assert words in page
    assert "Never gone through before" in page


def test_one_submit_keeps_it_all(cast: Cast, tess: Client) -> None:
    ours(cast)
    elsewhere(cast)
    response = tess.post(url(cast), typed(cast, HALF, ("confirmed", "")))
    assert (response.status_code, response.headers.get("Location")) == (302, tab(cast))
    assert list(ReconciledLine.objects.values_list("answer", "words")) == [HALF, ("confirmed", "")]


def test_what_is_missing_is_said_and_nothing_is_lost(cast: Cast, tess: Client) -> None:
    ours(cast)
    elsewhere(cast)
    response = tess.post(url(cast), typed(cast, HALF, ("", "")))
    page = response.content.decode()
    assert response.status_code == 422
    assert "Choose how it is taken." in page
    assert HALF[1] in page
    assert page.count(" checked") == 1
    assert not Reconciliation.objects.exists()


def test_a_stale_list_keeps_the_answers_and_marks_what_changed(cast: Cast, tess: Client) -> None:
    row = ours(cast)
    elsewhere(cast)
    data = typed(cast, HALF, ("stopped", "since Friday, no use"))
    changed(row, by=cast.priya)
    response = tess.post(url(cast), data)
    page = response.content.decode()
    assert response.status_code == 409
    assert "The list changed meanwhile." in page
    assert (page.count("changed meanwhile</span>"), page.count(" checked")) == (1, 1)
    assert HALF[1] in page
    assert "since Friday, no use" in page
    assert not Reconciliation.objects.exists()


def test_after_somebody_else_it_is_recorded_again_on_purpose(cast: Cast, tess: Client) -> None:
    ours(cast)
    data = typed(cast, HALF)
    other = gone_through(cast, by=cast.priya)
    response = tess.post(url(cast), data)
    page = response.content.decode()
    assert response.status_code == 409
    assert "Somebody went through the list meanwhile." in page
    assert page.count(" checked") == 1
    assert f'name="after" value="{other.pk}"' in page
    assert tess.post(url(cast), {**data, "after": str(other.pk)}).status_code == 302
    assert Reconciliation.objects.count() == 2


def test_pressed_twice_it_is_recorded_once(cast: Cast, tess: Client) -> None:
    ours(cast)
    data = typed(cast, HALF, key="01890000-0000-7000-8000-000000000001")
    assert [tess.post(url(cast), data).status_code for _ in range(2)] == [302, 302]
    assert Reconciliation.objects.count() == 1


@pytest.mark.parametrize("more", [{"visit": "x"}, {"visit": "01890000-0000-7000-8000-000000000001"}])
def test_a_visit_that_is_not_there_is_not_found(cast: Cast, tess: Client, more: dict[str, str]) -> None:
    assert tess.get(url(cast), more).status_code == 404


def test_from_the_visit_and_back_to_it(cast: Cast) -> None:
    priya, row = client(cast.priya), ours(cast)
    visit = visits.begin(cast.ana, by=cast.priya)
    there = reverse("visits:visit", kwargs={"patient_id": cast.ana.pk, "pk": visit.pk})
    assert f"{url(cast)}?visit={visit.pk}" in priya.get(there).content.decode()
    response = priya.post(url(cast), typed(cast, HALF, visit=str(visit.pk)))
    assert response.headers.get("Location") == there
    assert Reconciliation.objects.get().visit == visit
    page = priya.get(there).content.decode()
    assert "Patient takes it differently:" in page
    assert row.pk in queries.said(cast.ana.pk)


def test_the_tab_and_the_chart_say_when_it_was_gone_through(cast: Cast, tess: Client) -> None:
    ours(cast)
    chart = reverse("chart:chart", kwargs={"patient_id": cast.ana.pk})
    for address in (tab(cast), chart):
        assert "List never gone through" in tess.get(address).content.decode()
    gone_through(cast, dict.fromkeys([ours(cast, drug="hydroxyzine", strength=25)], HALF))
    for address in (tab(cast), chart):
        page = tess.get(address).content.decode()
        assert "on Mar 2 by Tess Moreno" in page
        assert "Patient takes it differently:" in page
        assert HALF[1] in page
        assert "said Mar 2</a>, Tess Moreno" in page


def test_what_was_said_that_day(cast: Cast) -> None:
    row = ours(cast)
    done = gone_through(cast, {row: HALF})
    page = client(cast.priya).get(url(cast, "told", pk=done.pk)).content.decode()
    for words in ("Taken differently", HALF[1], "Tess Moreno, LCSW", "Change the dose"):
        assert words in page
    page = client(cast.tess).get(url(cast, "told", pk=done.pk)).content.decode()
    assert "waits for the prescriber" in page
    assert "Change the dose" not in page


def test_whoever_changes_the_dose_reads_it(cast: Cast) -> None:
    row = ours(cast)
    gone_through(cast, {row: HALF})
    address = reverse("prescribing:change", kwargs={"patient_id": cast.ana.pk, "pk": row.pk})
    assert HALF[1] in client(cast.priya).get(address).content.decode()


def test_it_is_struck_through_with_a_reason(cast: Cast, tess: Client) -> None:
    done = gone_through(cast, {ours(cast): HALF})
    assert tess.post(url(cast, "retract", pk=done.pk), {"reason": ""}).status_code == 422
    assert tess.post(url(cast, "retract", pk=done.pk), {"reason": "Wrong chart."}).status_code == 302
    page = tess.get(url(cast, "told", pk=done.pk)).content.decode()
    assert "Entered in error." in page
    assert "Wrong chart." in page
    assert "List never gone through" in tess.get(tab(cast)).content.decode()


def test_another_patient_s_is_not_found(cast: Cast) -> None:
    done = gone_through(cast, {ours(cast): HALF})
    address = reverse("reconciling:told", kwargs={"patient_id": cast.ben.pk, "pk": done.pk})
    assert client(cast.paul).get(address).status_code == 404


def test_the_front_desk_never(cast: Cast) -> None:
    done = gone_through(cast, {ours(cast): HALF})
    fran = client(cast.fran)
    for address in (url(cast), url(cast, "told", pk=done.pk)):
        assert fran.get(address).status_code == 404
    assert fran.post(url(cast), typed(cast, HALF, after=str(done.pk))).status_code == 404
    assert Reconciliation.objects.count() == 1


def test_a_supervisor_reads_and_records_nothing(cast: Cast) -> None:
    done = gone_through(cast, {ours(cast): HALF})
    sam = client(cast.sam)
    assert sam.get(url(cast, "told", pk=done.pk)).status_code == 200
    assert sam.get(url(cast)).status_code == 404
    assert "Go through the list" not in sam.get(tab(cast)).content.decode()


def queries_of(browser: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(address).status_code == 200
    return len(seen)


@pytest.mark.usefixtures("clock_stands")
def test_the_number_of_queries_is_the_same_for_many(cast: Cast, tess: Client) -> None:
    gone_through(cast, {ours(cast): HALF})
    tess.get(url(cast))
    few = queries_of(tess, url(cast)), queries_of(tess, tab(cast))
    others = {elsewhere(cast, f"Tea number {number}"): HALF for number in range(6)}
    gone_through(cast, others)
    assert (queries_of(tess, url(cast)), queries_of(tess, tab(cast))) == few


def test_what_is_missing_is_added_once_the_rest_is_recorded(cast: Cast, tess: Client) -> None:
    """Leaving half-way to add it would lose what was written; recorded first, nothing is."""
    row = ours(cast)
    page = tess.get(url(cast)).content.decode()
    assert reverse("prescribing:report", args=[cast.ana.pk]) not in page
    answer = tess.post(url(cast), typed(cast, HALF, then_add="yes"))
    assert (answer.status_code, answer["Location"]) == (302, reverse("prescribing:report", args=[cast.ana.pk]))
    assert ReconciledLine.objects.get(prescription=row).words == HALF[1]
