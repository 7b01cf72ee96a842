"""The Monitoring tab, a result entered, the caseload and its export."""

import csv
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest

from clinic import clock
from clinic.audit.models import AuditEvent
from medications.monitoring import actions
from medications.monitoring.models import Result
from tests.cast import Cast, client, on_team, patient
from tests.medications.monitoring.given import EGFR, LITHIUM, due_on, moment, on, on_lithium, result


@pytest.fixture
def lithium(cast: Cast) -> Cast:
    """Ana takes lithium; it is day 48."""
    on_lithium(cast.ana, cast.priya)
    return cast


@pytest.fixture
def later() -> Any:
    """Day 48: the level is 41 days overdue."""
    with clock.at(moment(48)):
        yield


def form(**more: str) -> dict[str, str]:
    """What the page sends."""
    return {"value": "0.7", "unit": "mmol/L", "taken_at": "2026-04-18T08:10", "hours_after_dose": "12", **more}


def test_the_tab_says_what_is_overdue_since_when_and_why(lithium: Cast, later: None) -> None:
    text = client(lithium.tess).get(f"/monitoring/{lithium.ana.pk}/").content.decode()
    for words in ("overdue 41 days", "7 days after the start", "no refill is silent until then", "Coarse shaking",
                  "LOINC", "R-MO-LI"):  # fmt: skip
        assert words in text


def test_a_picture_has_its_numbers_folded_beneath_it(lithium: Cast, later: None) -> None:
    """Ten codes over ten years would be ten screens of numbers; what has no picture stands open."""
    for number, value in enumerate(("88", "85")):
        result(lithium.ana, EGFR, value, number=number, by=lithium.priya)
    text = client(lithium.tess).get(f"/monitoring/{lithium.ana.pk}/").content.decode()
    assert ">eGFR (kidneys)</h2>" in text
    assert "<summary>Each eGFR (kidneys), the newest first: 2 rows</summary>" in text


def test_a_result_is_entered_and_its_item_is_done(lithium: Cast, later: None) -> None:
    priya = client(lithium.priya)
    answer = priya.post(f"/monitoring/{lithium.ana.pk}/record/{LITHIUM}/", form())
    assert (answer.status_code, answer["Location"]) == (302, f"/monitoring/{lithium.ana.pk}/")
    assert Result.objects.get().hours_after_dose == 12
    assert due_on(lithium.ana, LITHIUM) == moment(48).date() + timedelta(days=1)  # weekly on the days of the start


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"value": ""}, "Write the number."), ({"value": "5..0"}, "Write a number, such as 0.7."),
        ({"value": "-5"}, "Write a number from 0 up."), ({"unit": "mg"}, "Choose the unit from the list."),
        ({"taken_at": ""}, "Enter when it was taken."), ({"taken_at": "2027-01-01T08:00"}, "That is in the future."),
        ({"hours_after_dose": "200"}, "0 to 96 hours."), ({"low": "2", "high": "1"}, "ends before it begins"),
        ({"value": "70"}, "70 mmol/L can hardly be"), ({"value": "1e9"}, "far too l"),
    ],
)  # fmt: skip
def test_bad_input_keeps_every_word(lithium: Cast, later: None, more: dict[str, str], sentence: str) -> None:
    answer = client(lithium.priya).post(f"/monitoring/{lithium.ana.pk}/record/{LITHIUM}/", form(**more))
    text = answer.content.decode()
    assert (answer.status_code, sentence in text) == (422, True)
    for value in form(**more).values():
        assert value in text
    assert not Result.objects.exists()


def test_an_implausible_number_is_kept_once_it_is_ticked(lithium: Cast, later: None) -> None:
    priya, address = client(lithium.priya), f"/monitoring/{lithium.ana.pk}/record/{LITHIUM}/"
    assert 'name="sure"' not in priya.get(address).content.decode()
    assert 'name="sure"' in priya.post(address, form(value="7")).content.decode()
    assert priya.post(address, form(value="7", sure="on")).status_code == 302


def test_an_alert_leads_to_its_page_and_is_answered_there(lithium: Cast, later: None) -> None:
    priya = client(lithium.priya)
    answer = priya.post(f"/monitoring/{lithium.ana.pk}/record/{LITHIUM}/", form(value="1.6"))
    row = Result.objects.get()
    assert answer["Location"] == f"/monitoring/{lithium.ana.pk}/{row.pk}/"
    page = client(lithium.tess).get(answer["Location"]).content.decode()
    assert "The lithium level is far too high." in page
    assert "Answer it" not in page
    tess = client(lithium.tess).post(f"{answer['Location']}answer/", {"words": "Held."})
    assert tess.status_code == 404
    assert priya.post(f"{answer['Location']}answer/", {"words": ""}).status_code == 422
    assert priya.post(f"{answer['Location']}answer/", {"words": "On hold."}).status_code == 302
    assert "On hold." in client(lithium.tess).get(answer["Location"]).content.decode()


def test_the_picture_has_the_safe_range_and_its_table(lithium: Cast) -> None:
    for number, value in ((7, "0.7"), (14, "1.3"), (21, "0.8")):
        result(lithium.ana, LITHIUM, value, number=number, by=lithium.priya)
    with clock.at(moment(22)):
        text = client(lithium.tess).get(f"/monitoring/{lithium.ana.pk}/").content.decode()
    assert 'class="safe"' in text
    assert "lithium level, 3 results: 0.7 at first, 0.8 mmol/L last; 0.6 to 1.2" in text
    assert text.count('class="out"') == 1
    assert "Each lithium level, the newest first" in text


def test_a_circumstance_on_the_page(lithium: Cast) -> None:
    tess, address = client(lithium.tess), f"/monitoring/{lithium.ana.pk}/"
    bad = tess.post(f"{address}circumstance/", {"key": "new_movement", "since": "2026-03-02", "words": ""})
    assert bad.status_code == 422
    good = {"key": "new_movement", "since": "2026-03-02", "words": "Her tongue moves."}
    assert tess.post(f"{address}circumstance/", good).status_code == 302
    assert "Her tongue moves." in tess.get(address).content.decode()


def rows_of(answer: Any) -> list[tuple[str, str]]:
    return [(one.row.patient.given_name, one.name) for one in answer.context["lines"]]


def test_the_grid_shows_the_caseload_sorted_by_danger(lithium: Cast) -> None:
    on("clozapine", 25, lithium.ben, lithium.paul)
    with clock.at(moment(48)):
        actions.sweep()
        answer = client(lithium.priya).get("/monitoring/")
        assert {name for name, _ in rows_of(answer)} == {"Ana"}  # Ben is not hers
        blocking = [one.blocking for one in answer.context["lines"]]
        assert blocking == sorted(blocking, reverse=True)
        days = [one.days for one in answer.context["lines"] if one.blocking]
        assert days == sorted(days, reverse=True)
        assert ("Ana", "Lithium level") in rows_of(answer)
        therapist = client(lithium.tess).get("/monitoring/")
        assert rows_of(therapist) == rows_of(answer)


def test_the_grid_is_filtered(lithium: Cast) -> None:
    with clock.at(moment(48)):
        actions.sweep()
        priya = client(lithium.priya)
        assert rows_of(priya.get(f"/monitoring/?code={LITHIUM}")) == [("Ana", "Lithium level")]
        assert all(one.blocking for one in priya.get("/monitoring/?show=blocking").context["lines"])
        assert all(-14 <= one.days <= 0 for one in priya.get("/monitoring/?show=soon").context["lines"])
        assert priya.get("/monitoring/?show=moon").status_code == 404
        assert priya.get("/monitoring/?code=moon").status_code == 404


def test_the_export_is_whole_audited_and_not_for_everybody(lithium: Cast) -> None:
    with clock.at(moment(48)):
        actions.sweep()
        answer = client(lithium.priya).post("/monitoring/export/", {"show": "", "code": LITHIUM})
        assert client(lithium.tess).post("/monitoring/export/", {}).status_code == 404
        assert client(lithium.fran).get("/monitoring/").status_code == 404
    (row,) = csv.DictReader(StringIO(answer.content.decode()))
    assert (row["record_number"], row["what"], row["days_overdue"], row["stops_silent_refill"], row["medicine"]) == (
        "101", "Lithium level", "41", "yes", "lithium",
    )  # fmt: skip
    event = AuditEvent.objects.get(what="monitoring.export")
    assert (event.kind, event.detail) == ("exported", {"show": "", "code": LITHIUM, "rows": 1})


@pytest.mark.parametrize("number", [1, 12])
def test_the_grid_has_a_fixed_number_of_queries(cast: Cast, django_assert_num_queries: Any, number: int) -> None:
    for one in range(number):
        someone = patient(200 + one, f"Person{one}", "Test", cast.site)
        on_team(someone, cast.priya, "prescriber")
        on_lithium(someone, cast.priya)
    priya = client(cast.priya)
    with clock.at(moment(48)):
        priya.get("/monitoring/")
        with django_assert_num_queries(7):
            priya.get("/monitoring/")


def test_the_tab_has_a_fixed_number_of_queries(lithium: Cast, django_assert_num_queries: Any) -> None:
    priya = client(lithium.priya)
    with clock.at(moment(48)):
        priya.get(f"/monitoring/{lithium.ana.pk}/")
        with django_assert_num_queries(27):
            priya.get(f"/monitoring/{lithium.ana.pk}/")
    for number in range(7, 40):
        result(lithium.ana, LITHIUM, "0.7", number=number, by=lithium.priya)
    with clock.at(moment(48)), django_assert_num_queries(27):
        priya.get(f"/monitoring/{lithium.ana.pk}/")
