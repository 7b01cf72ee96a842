"""R-MO-99: what is overdue is shown to prescriber and therapist, with watch-signs in plain words."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from clinic import clock
from medications.monitoring import actions, panels
from patients.scheduling import actions as scheduling
from patients.scheduling.actions import Part
from tests.cast import Cast, at, client
from tests.medications.monitoring.given import CALCIUM, EGFR, LITHIUM, TSH, day, moment, on_lithium, result

SIGNS = "Coarse shaking, vomiting, diarrhea, unsteady walking, slurred speech or confusion"


@pytest.fixture
def lithium(cast: Cast) -> Cast:
    """Ana takes lithium."""
    on_lithium(cast.ana, cast.priya)
    return cast


@pytest.mark.parametrize("who", ["tess", "priya"])
def test_since_you_last_saw_them(lithium: Cast, who: str) -> None:
    with clock.at(moment(48)):
        found = {line.name: line for line in panels.overdue(lithium.ana, getattr(lithium, who), moment(40))}
    line = found["Lithium level"]
    assert line.sentence.startswith(f"overdue 41 days; look out for: {SIGNS}")
    assert (line.meta, line.url) == ("for lithium", f"/monitoring/{lithium.ana.pk}/")


@pytest.mark.parametrize("panel", [panels.Panel(), panels.Beside()])
@pytest.mark.parametrize("who", ["tess", "priya"])
def test_the_chart_and_the_session_show_it_to_both(lithium: Cast, panel: Any, who: str) -> None:
    with clock.at(moment(48)):
        context = panel.context(lithium.ana, getattr(lithium, who), None)
    assert (panel.capability, panel.place if hasattr(panel, "place") else "") in (
        ("medication.read", "third"), ("medication.read", ""),
    )  # fmt: skip
    first = {line.name: line.when for line in context["lines"]}
    assert first["Lithium level"] == "overdue 41 days"
    assert context["signs"][0].startswith(SIGNS)


def test_nothing_followed_shows_nothing(cast: Cast) -> None:
    assert panels.Panel().context(cast.ana, cast.tess, None) is None


def test_the_therapist_reads_plain_words_the_prescriber_the_numbers(lithium: Cast) -> None:
    result(lithium.ana, LITHIUM, "1.6", number=7, by=lithium.tess)
    said = {}
    for who in ("tess", "priya"):
        context = panels.Panel().context(lithium.ana, getattr(lithium, who), None)
        assert context is not None
        said[who] = context["alerts"][0]["sentences"][0]
    assert said["tess"].startswith("The lithium level is far too high.")
    assert said["priya"].startswith("Lithium level 1.6 mmol/L: critically high")


@pytest.mark.parametrize("who", ["tess", "priya"])
def test_my_day_of_who_comes(lithium: Cast, who: str, django_assert_num_queries: Any) -> None:
    user = getattr(lithium, who)
    begin = at(f"{day(49)} 10:00")
    with clock.at(moment(48)):
        actions.sweep()
        assert panels.my_day(user, day(49)) == []
        scheduling.book(
            patient=lithium.ana, site=lithium.site, by=lithium.fran,
            parts=[Part(user, "therapy" if who == "tess" else "medication", begin, begin + timedelta(minutes=30))],
        )  # fmt: skip
        user.held_roles()
        with django_assert_num_queries(2):
            found = {line.text.split(":")[0]: line for line in panels.my_day(user, day(49))}
    assert "Lithium level overdue 41 days" in found
    assert found["Lithium level overdue 41 days"].patient_id == lithium.ana.pk
    assert SIGNS in found["Lithium level overdue 41 days"].text
    assert panels.my_day(lithium.fran, day(49)) == []


def test_a_fixed_number_of_queries(lithium: Cast, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(3):
        panels.Panel().context(lithium.ana, lithium.tess, None)
    with django_assert_num_queries(3):
        list(panels.overdue(lithium.ana, lithium.tess, moment(-3)))


def test_the_panel_shows_three_that_are_overdue_and_the_rest_below(lithium: Cast) -> None:
    """What stops refills first, then what is overdue longest; nothing that is due is left out."""
    with clock.at(moment(48)):
        actions.sweep()
        shown = panels.Panel().context(lithium.ana, lithium.tess, None)
        page = client(lithium.tess).get(reverse("chart:chart", args=[lithium.ana.pk])).content.decode()
    assert shown is not None
    assert len(shown["lines"]) == 3
    first = [(not one.blocking, one.item.question, -one.days) for one in shown["lines"]]
    assert first == sorted(first)
    assert all(not (one.blocking and not shown["lines"][-1].blocking) for one in shown["later"])
    both = {one.row.pk for one in (*shown["lines"], *shown["later"])}
    assert len(both) == 3 + len(shown["later"]) > 3
    assert f"{len(shown['later'])} more, overdue or due within two weeks" in page


def test_the_panel_shows_the_next_where_nothing_is_overdue(lithium: Cast) -> None:
    for code, value in ((EGFR, "88"), (CALCIUM, "9.4"), (TSH, "2.1")):
        result(lithium.ana, code, value, number=0, by=lithium.priya)
    with clock.at(moment(1)):
        shown = panels.Panel().context(lithium.ana, lithium.tess, None)
    assert shown is not None
    assert shown["lines"] != [] or shown["later"] == []
