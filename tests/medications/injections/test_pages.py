"""The page of a depot: the way to it, the form and its errors, the line struck through, “my day”."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from clinic import clock
from medications.injections import panels, queries
from medications.injections.models import Injection
from medications.prescribing import actions as prescribing
from medications.prescribing.models import StoredFinding
from tests.cast import Cast, assemble, client
from tests.furnished import booked, part
from tests.look import sign_in
from tests.medications.injections.given import day, given, moment, ordered
from tests.medications.prescribing.given import started

FORM = {"what": "here", "on_day": "2026-03-02", "site": "gluteal_right", "lot": "QX77", "words": ""}


def url(cast: Cast, pk: Any, name: str = "injection") -> str:
    return reverse(f"injections:{name}", kwargs={"patient_id": cast.ana.pk, "pk": pk})


def test_from_the_medicine_to_the_form_and_back(cast: Cast) -> None:
    row = ordered(cast)
    browser = client(cast.priya)
    tab = reverse("prescribing:medication", kwargs={"patient_id": cast.ana.pk})
    assert url(cast, row.pk) in browser.get(tab).content.decode()
    answer = browser.post(url(cast, row.pk), FORM, follow=True)
    assert answer.redirect_chain == [(tab, 302)]
    page = answer.content.decode()
    assert "Recorded. The next one is counted from what was given last." in page
    assert "Given here on Mar 2, right buttock (gluteal)." in page
    assert "Next due Mon Mar 30" in page


def test_an_error_keeps_every_word(cast: Cast) -> None:
    row = ordered(cast)
    answer = client(cast.priya).post(url(cast, row.pk), FORM | {"site": "", "words": "Sore arm."})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Choose where it was given." in page
    assert 'value="QX77"' in page
    assert 'value="Sore arm."' in page
    assert Injection.objects.count() == 0


def test_struck_through_it_stays_on_the_page(cast: Cast) -> None:
    row = given(ordered(cast), by=cast.priya)
    browser = client(cast.priya)
    answer = browser.post(url(cast, row.pk, "retract"), {"reason": "Wrong chart."}, follow=True)
    page = answer.content.decode()
    assert "entered in error: Wrong chart." in page
    assert "entered in error" in page


def test_the_timeline_leads_to_the_line(cast: Cast) -> None:
    row = given(ordered(cast), by=cast.priya)
    answer = client(cast.tess).get(url(cast, row.pk, "told"))
    assert answer["Location"] == f"{url(cast, row.prescription_id)}#i-{row.pk}"


def test_a_therapist_sees_no_button_for_what_was_given_here(cast: Cast) -> None:
    row = given(ordered(cast), by=cast.priya)
    page = client(cast.tess).get(url(cast, row.prescription_id)).content.decode()
    assert "In error" not in page
    assert "Record it" in page


def test_another_patients_injection_is_nobodys(cast: Cast) -> None:
    row = given(ordered(cast), by=cast.priya)
    address = reverse("injections:told", kwargs={"patient_id": cast.ben.pk, "pk": row.pk})
    assert client(cast.paul).get(address).status_code == 404
    tablet = started(cast.ana, by=cast.priya).prescription
    assert client(cast.priya).get(url(cast, tablet.pk)).status_code == 404


@pytest.mark.parametrize(
    ("ahead", "words"),
    [(2, "A long-acting injection is overdue since Mon Mar 2."), (0, "A long-acting injection is due today.")],
)
def test_my_day_names_those_who_come(cast: Cast, ahead: int, words: str) -> None:
    ordered(cast)
    with clock.at(moment(ahead)):
        assert panels.my_day(cast.tess, day(ahead)) == []
        booked(cast, part(cast.tess, f"2026-03-0{2 + ahead} 15:00", 45, "therapy"))
        (line,) = panels.my_day(cast.tess, day(ahead))
    assert (line.patient_id, line.text) == (cast.ana.pk, words)


@pytest.mark.parametrize("count", [1, 4])
def test_a_fixed_number_of_queries(cast: Cast, count: int, django_assert_num_queries: Any) -> None:
    row = ordered(cast)
    for number in range(count):
        with clock.at(moment(28 * number)):
            given(row, 28 * number, by=cast.priya)
    browser = client(cast.priya)
    with clock.at(moment(28 * count)):
        browser.get(url(cast, row.pk))
        with django_assert_num_queries(QUERIES):
            browser.get(url(cast, row.pk))


QUERIES = 21


def test_what_was_not_given_has_no_place_and_no_lot(cast: Cast) -> None:
    """The page hides both once “not given” is chosen; what was typed before is not held against it."""
    row = ordered(cast)
    answer = client(cast.priya).post(url(cast, row.pk), FORM | {"what": "not_given", "words": "She was away."})
    assert answer.status_code == 302
    kept = Injection.objects.get()
    assert (kept.what, kept.site, kept.lot) == ("not_given", "", "")


@pytest.mark.browser
def test_the_place_is_hidden_where_nothing_was_given(transactional_db: None, live_server: Any, page: Page) -> None:
    people = assemble()
    row = ordered(people)
    sign_in(page, live_server, people.priya)
    page.goto(f"{live_server.url}{url(people, row.pk)}")
    for shown, what in ((True, "here"), (False, "not_given"), (True, "here")):
        page.get_by_label("What happened").select_option(what)
        assert page.get_by_label("Where in the body").is_visible() is shown
        assert page.get_by_label("Lot number").is_visible() is shown


def asked(cast: Cast, row: Any, what: str) -> str:
    """The page that asks before the injection is stopped, held or resumed, its white space one space each."""
    address = reverse(f"prescribing:{what}", kwargs={"patient_id": cast.ana.pk, "pk": row.pk})
    return " ".join(client(cast.priya).get(address).content.decode().split())


def test_stopping_speaks_of_an_injection_and_names_its_days(cast: Cast) -> None:
    """The first day without is that on which the next one would be due; nobody is told to step down."""
    row = ordered(cast)
    with clock.at(moment(35)):
        given(row, 35, by=cast.priya)
        page = asked(cast, row, "stop")
    assert "400 mg every 4 weeks, since Mar 2" in page
    assert "It was given last on Apr 6. The next injection, due on May 4, is not given" in page
    assert 'value="2026-05-04"' in page
    assert "Aripiprazole as an injection tapers itself" in page
    assert "Step down" not in page


def test_before_the_first_one_it_stops_today(cast: Cast) -> None:
    page = asked(cast, ordered(cast), "stop")
    assert "No further injection is given." in page
    assert 'value="2026-03-02"' in page


def test_held_and_resumed_it_is_given_not_taken(cast: Cast) -> None:
    row = ordered(cast)
    assert "None is given from today until a prescriber resumes it; what was given goes on acting" in asked(
        cast, row, "hold"
    )
    prescribing.hold(row, reason="Surgery.", by=cast.priya)
    assert "It is given again as the order says" in asked(cast, row, "resume")


def test_stopped_on_the_day_of_the_next_one_it_is_due_no_more(cast: Cast) -> None:
    row = ordered(cast)
    given(row, 0, by=cast.priya)
    prescribing.stop(row, on=day(28), reason="Wishes to go without.", by=cast.priya)
    found = StoredFinding.objects.get(code="stop.depot")
    assert (found.level, found.rule_id) == ("note", "R-RX-13")
    assert queries.due(day(20)) == []
