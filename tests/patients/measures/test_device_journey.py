"""The patient answers at the desk's device, on a phone, in a real browser (R-MB-02, R-MB-07)."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from clinic import clock
from patients.measures.models import Score
from patients.risk.models import RiskFlag
from tests.cast import Cast
from tests.look import shoot, sign_in, violations
from tests.patients.measures.given import NOW

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    clock.set_to(NOW)
    yield
    clock.set_to(None)


def _answer(page: Page, label: str) -> None:
    page.get_by_label(label, exact=True).check()
    page.get_by_role("button", name="Next").click()


def test_from_the_desk_to_the_flag(page: Page, live_server: Any, transactional_db: None, cast: Cast) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(reduced_motion="reduce")
    sign_in(page, live_server, cast.fran)
    page.goto(f"{live_server.url}/measures/{cast.ana.pk}/hand-over/")
    assert violations(page) == []
    shoot(page, "hand-over")
    page.get_by_role("button", name="Open here and sign me out").click()
    expect(page.get_by_role("heading", name="Hello, Annie.")).to_be_visible()
    assert violations(page) == []
    shoot(page, "begin")
    page.get_by_role("link", name="Begin").click()
    for number in range(1, 9):
        expect(page.get_by_text(f"{number} of 17", exact=True)).to_be_visible()
        _answer(page, "Several days")
    assert RiskFlag.objects.count() == 0
    shoot(page, "item-9")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("alert")).to_have_text("Choose one of the answers, or skip the question.")
    assert violations(page) == []
    shoot(page, "item-9-problem")
    page.reload()
    _answer(page, "More than half the days")
    expect(page.get_by_role("link", name="Call 988")).to_be_visible()
    expect(page.get_by_text("911")).to_be_visible()
    assert violations(page) == []
    shoot(page, "help")
    assert RiskFlag.objects.get().patient_id == cast.ana.pk
    assert Score.objects.count() == 0
    page.get_by_role("link", name="Go on").click()
    expect(page.get_by_text("how difficult have these problems")).to_be_visible()
    shoot(page, "item-10")
    page.get_by_role("link", name="Back").click()
    expect(page.get_by_label("More than half the days")).to_be_checked()
    _answer(page, "Not at all")
    _answer(page, "Somewhat difficult")
    for _ in range(6):
        _answer(page, "Several days")
    page.get_by_role("button", name="Skip this question").click()
    expect(page.get_by_role("heading", name="Finish here?")).to_be_visible()
    assert violations(page) == []
    shoot(page, "end")
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_text("Give the device back to the desk.")).to_be_visible()
    assert violations(page) == []
    shoot(page, "over")
    totals = dict(Score.objects.values_list("instrument", "total"))
    assert totals == {"phq9": 8, "gad7": None}
    assert RiskFlag.objects.get(closed_at=None).object_id == Score.objects.get(instrument="phq9").pk
    page.go_back()
    expect(page.get_by_text("Give the device back to the desk.")).to_be_visible()
    page.goto(f"{live_server.url}/inbox/")
    expect(page).to_have_url(f"{live_server.url}/accounts/login/?next=/inbox/")
