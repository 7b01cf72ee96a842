"""The pages: undo without a script, states with their sentences, who may see what, what the desk never sees."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from clinic.audit.models import AuditEvent
from clinic.outbox import actions as outbox
from clinic.outbox.results import Undeliverable
from medications.pharmacies import actions, document, panels
from medications.pharmacies.models import PreferredPharmacy, Transmission
from medications.prescribing import actions as prescribing
from medications.prescribing.models import Prescription
from tests.cast import Cast, client, on_team, patient
from tests.medications.pharmacies.given import DETAILS, BackEnd, chosen, fill, later, pharmacy, sent, state, way
from tests.medications.prescribing.given import TODAY, regimen, started

DIRECTORY, VERIFY, MODULE = "/pharmacies/", "/pharmacies/code/", "/pharmacies/module/"


def address(row: Transmission, what: str = "") -> str:
    return f"/pharmacies/way/{row.patient_id}/{row.pk}/{what}"


def medication(cast: Cast) -> str:
    return f"/medicines/{cast.ana.pk}/"


@pytest.fixture
def priya(cast: Cast) -> Client:
    return client(cast.priya)


def test_the_medication_page_offers_undo_that_needs_no_script(cast: Cast, priya: Client) -> None:
    chosen(cast)
    row = way(started(cast.ana, by=cast.priya))
    with later(2):
        page = priya.get(medication(cast)).content.decode()
        assert "Leaves for Alderfinch Pharmacy in 8 s" in page
        assert f'action="{address(row, "undo/")}"' in page
    with later(5):
        answer = priya.post(address(row, "undo/"), {"next": medication(cast)}, follow=True)
    assert answer.redirect_chain == [(medication(cast), 302)]
    assert "Taken back: nothing left the practice" in answer.content.decode()
    assert state(row) == "undone"


def test_after_the_time_the_button_is_gone_and_a_late_press_gets_the_sentence(cast: Cast, priya: Client) -> None:
    row = way(started(cast.ana, by=cast.priya))
    with later(10):
        assert "Undo" not in priya.get(medication(cast)).content.decode()
        answer = priya.post(address(row, "undo/"))
    assert answer.status_code == 422
    assert "The ten seconds are over" in answer.content.decode()
    assert AuditEvent.objects.get(outcome="refused").what == "pharmacies:undo"


@pytest.mark.parametrize("there", ["https://example.org/", "//example.org/", "javascript:alert(1)", "x" * 400, ""])
def test_undo_goes_back_to_pages_of_ours_only(cast: Cast, priya: Client, there: str) -> None:
    row = way(started(cast.ana, by=cast.priya))
    assert priya.post(address(row, "undo/"), {"next": there})["Location"] == medication(cast)


def test_asking_for_the_state_is_no_reading_and_stops_when_it_has_left(
    cast: Cast, priya: Client, back_end: type[BackEnd]
) -> None:
    row = way(started(cast.ana, by=cast.priya))
    reads = AuditEvent.objects.filter(kind="read")
    page = priya.get(address(row, "state/"), headers={"X-Tandem-Poll": "1"}).content.decode()
    assert 'hx-trigger="every 1s"' in page
    with later(10):
        outbox.deliver_due()
        page = priya.get(address(row, "state/"), headers={"X-Tandem-Poll": "1"}).content.decode()
    assert "Printed for the patient; not reported filled" in page
    assert "hx-get" not in page
    assert reads.count() == 0


def test_its_page_tells_every_step(cast: Cast, priya: Client, back_end: type[BackEnd]) -> None:
    chosen(cast)
    row = sent(cast)
    fill(row, by=cast.priya)
    answer = priya.post(address(row, "picked-up/"), {"on": str(TODAY), "told_by": "pharmacy"}, follow=True)
    page = answer.content.decode()
    assert [step.word for step in answer.context["steps"]] == ["Signed", "Sent", "Filled", "Picked up"]
    assert "Picked up Mar 2" in page
    assert row.code in page
    assert "A back end of the tests." in page


def test_a_failed_one_is_sent_again_from_its_page(cast: Cast, priya: Client, back_end: type[BackEnd]) -> None:
    where = chosen(cast)
    back_end.trouble = Undeliverable("No line.")
    row = sent(cast)
    page = priya.get("/refills/").content.decode()
    assert "Came back" in page
    assert "Not sent: No line" in page
    answer = priya.post(address(row, "resend/"), {"where": "elsewhere"})
    assert answer.status_code == 422
    priya.post(address(row, "resend/"), {"where": str(where.pk)})
    again = way(row.authorisation.order)
    assert (again.replaces, again.state) == (row, "waiting")
    assert "Came back" not in priya.get("/refills/").content.decode()
    late = priya.post(address(row, "resend/"), {"where": "paper"})
    assert late.status_code == 422
    assert "sent this again already" in late.content.decode()


def test_a_therapist_reads_where_it_is_and_can_undo_nothing(cast: Cast) -> None:
    row = way(started(cast.ana, by=cast.priya))
    tess = client(cast.tess)
    page = tess.get(medication(cast)).content.decode()
    assert "Leaves for the patient, on paper in 10 s" in page
    assert "Undo" not in page
    assert tess.get(address(row)).status_code == 200
    assert tess.get(address(row, "document/")).status_code == 404
    for what in ("undo/", "resend/", "number/", "told/"):
        assert tess.post(address(row, what)).status_code == 404, what


@pytest.mark.parametrize("who", ["fran", "max", "olga", "paul"])
def test_nobody_else_opens_a_prescription(cast: Cast, who: str) -> None:
    row = way(started(cast.ana, by=cast.priya))
    browser = client(getattr(cast, who))
    for what in ("", "state/", "document/", "undo/", "resend/", "picked-up/", "number/", "told/"):
        assert {browser.get(address(row, what)).status_code, browser.post(address(row, what)).status_code} <= {404, 405}


def test_another_patients_prescription_is_not_found(cast: Cast, priya: Client) -> None:
    row = way(started(cast.ben, by=cast.paul))
    assert priya.get(f"/pharmacies/way/{cast.ana.pk}/{row.pk}/").status_code == 404
    assert priya.post(f"/pharmacies/way/{cast.ana.pk}/{row.pk}/undo/").status_code == 404


def test_the_document_is_audited_as_printed_and_kept_by_nobody(cast: Cast, priya: Client) -> None:
    row = way(started(cast.ana, by=cast.priya))
    answer = priya.get(address(row, "document/"))
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/pdf", "no-store")
    assert answer.content.startswith(b"%PDF-")
    assert "Quiroga" not in answer["Content-Disposition"]
    event = AuditEvent.objects.get(kind="printed")
    assert (event.what, event.object_id, event.patient_id) == ("pharmacies.document", row.pk, cast.ana.pk)


def test_without_the_libraries_there_is_a_page_and_a_sentence(
    cast: Cast, priya: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(page: str) -> bytes:
        raise document.NoLibraries

    monkeypatch.setattr(document, "pdf_of", none)
    row = way(started(cast.ana, by=cast.priya))
    page = priya.get(address(row, "document/")).content.decode()
    assert document.NO_PDF in page
    assert row.code in page


def test_a_controlled_substance_has_no_document_and_says_why_r_rx_06(cast: Cast, priya: Client) -> None:
    row = way(started(cast.ana, by=cast.priya, regimen=regimen("lorazepam", "0.5"), target_symptom="panic"))
    assert priya.get(address(row, "document/")).status_code == 404
    assert "Tandem sends no controlled substance" in priya.get(address(row)).content.decode()
    assert "Lorazepam" in priya.get(MODULE).content.decode()
    reads = AuditEvent.objects.filter(kind="read", patient_id=cast.ana.pk, page="pharmacies:module")
    assert reads.count() == 1
    priya.post(address(row, "number/"), {"number": "CM-17"})
    assert "Lorazepam" not in priya.get(MODULE).content.decode()
    assert "CM-17" in priya.get(address(row)).content.decode()


def test_a_person_says_that_the_pharmacy_was_told(cast: Cast, priya: Client, back_end: type[BackEnd]) -> None:
    row = sent(cast)
    prescribing.stop(Prescription.objects.get(pk=row.authorisation.prescription_id), reason="Nausea.", by=cast.priya)
    assert "still has to be told" in priya.get("/refills/").content.decode()
    assert "Discontinued; tell the pharmacy" in priya.get(address(row)).content.decode()
    priya.post(address(row, "told/"))
    page = priya.get(address(row)).content.decode()
    assert "Discontinued; the pharmacy was told" in page
    assert "still has to be told" not in priya.get("/refills/").content.decode()


def test_the_front_desk_chooses_a_pharmacy_and_sees_no_drug_r_hp_08(cast: Cast) -> None:
    started(cast.ana, by=cast.priya)
    row, fran = pharmacy(cast.max), client(cast.fran)
    there = f"/pharmacies/of/{cast.ana.pk}/"
    assert "ertraline" not in fran.get(there).content.decode()
    assert fran.post(there, {"pharmacy": "nowhere"}).status_code == 422
    fran.post(there, {"pharmacy": str(row.pk)})
    assert PreferredPharmacy.objects.get(until_at=None).pharmacy == row
    with later(60):
        fran.post(there, {"pharmacy": "none"})
    assert not PreferredPharmacy.objects.filter(until_at=None).exists()
    assert client(cast.max).get(there).status_code == 404


@pytest.mark.parametrize(
    ("who", "reads", "adds", "manages"),
    [
        ("max", 200, 200, 200), ("fran", 200, 200, 404), ("priya", 200, 200, 404), ("tess", 200, 404, 404),
        ("olga", 404, 404, 404), ("sam", 404, 404, 404),
    ],
)  # fmt: skip
def test_who_keeps_the_list(cast: Cast, who: str, reads: int, adds: int, manages: int) -> None:
    row, browser = pharmacy(cast.max), client(getattr(cast, who))
    got = [browser.get(url).status_code for url in (DIRECTORY, "/pharmacies/add/", f"/pharmacies/{row.pk}/change/")]
    assert got == [reads, adds, manages]


def test_a_conflict_keeps_every_word_and_saving_again_is_meant(cast: Cast) -> None:
    row, browser = pharmacy(cast.max), client(cast.max)
    actions.change_pharmacy(row, based_on=0, by=cast.max, **DETAILS | {"hours": "always"})
    typed = DETAILS | {"hours": "Mon–Sun 8–10", "based_on": "0"}
    answer = browser.post(f"/pharmacies/{row.pk}/change/", typed)
    assert answer.status_code == 409
    assert "Mon–Sun 8–10" in answer.content.decode()
    assert browser.post(f"/pharmacies/{row.pk}/change/", typed | {"based_on": "1"}).status_code == 302


def test_a_code_is_answered_without_naming_patient_or_medicine(cast: Cast) -> None:
    row = way(started(cast.ana, by=cast.priya))
    fran = client(cast.fran)
    page = fran.post(VERIFY, {"code": row.code.lower()}).content.decode()
    assert "It is ours and in force." in page
    assert "Priya Raman, PMHNP" in page
    for word in ("Quiroga", "Annie", "ertraline"):
        assert word not in page
    assert "Open it" not in page
    assert "Open it" in client(cast.tess).post(VERIFY, {"code": row.code}).content.decode()
    actions.undo(row, by=cast.priya)
    assert "It was ours and is not in force: undone." in fran.post(VERIFY, {"code": row.code}).content.decode()
    assert "We know no prescription with this code." in fran.post(VERIFY, {"code": "0000-0000-0000"}).content.decode()
    assert AuditEvent.objects.filter(kind="searched", what="pharmacies.verify").count() == 4


@pytest.mark.parametrize("number", [1, 5])
def test_a_fixed_number_of_queries(cast: Cast, django_assert_num_queries: Any, number: int) -> None:
    drugs = (("sertraline", 50), ("buspirone", 10), ("trazodone", 50), ("mirtazapine", 15), ("hydroxyzine", 25))
    orders = []
    for index, (drug, strength) in enumerate(drugs[:number]):
        who = patient(700 + index, f"P{index}", "Test", cast.site)
        on_team(who, cast.priya, "prescriber")
        pharmacy(cast.max, ncpdp_id="", name=f"P{index}")
        orders.append(started(who, by=cast.priya, regimen=regimen(drug, strength)))
    panel, keys = panels.OnItsWay(), [order.prescription_id for order in orders]
    cast.priya.held_roles()
    with django_assert_num_queries(2):
        ways = panel.of(cast.ana, cast.priya, keys)
        assert [list(way.steps()) and way.said for way in ways.values()]
    for row in Transmission.objects.all():
        actions.come_back(row, "No line.", by=None)
    with django_assert_num_queries(3):
        assert len(panels.my_day(cast.priya, TODAY)) == number
    browser = client(cast.max)
    browser.get(DIRECTORY)
    with later(1), django_assert_num_queries(8):
        assert len(browser.get(DIRECTORY).context["rows"]) == number


def test_the_day_is_told_of_what_came_back(cast: Cast, back_end: type[BackEnd]) -> None:
    back_end.trouble = Undeliverable("No line.")
    row = sent(cast)
    (line,) = panels.my_day(cast.priya, TODAY + timedelta(days=0))
    assert (line.text, line.url) == ("A prescription did not reach the pharmacy.", address(row))
