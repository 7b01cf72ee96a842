"""The pages of measures, risk, lines and inbox in a browser: nothing for axe to find, nothing wider than the screen."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page

from clinic import clock
from patients.handoffs import actions as handoffs
from patients.inbox import actions as inbox
from patients.measures import actions
from patients.risk import actions as risk
from patients.risk.models import RiskFlag
from patients.timeline import actions as timeline
from patients.timeline.enums import EntryKind
from tests.cast import Cast
from tests.look import shoot, sign_in, violations
from tests.patients.measures.given import NOW, gad7, phq9, scored

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    clock.set_to(NOW)
    yield
    clock.set_to(None)


def _given(cast: Cast) -> dict[str, str]:
    """Ana's scores over half a year, one in error, one with an alert; a flag, a line, tasks. Addresses by name."""
    for weeks, each in ((26, 3), (22, 2), (18, 2), (12, 2), (9, 1), (5, 1)):
        scored(cast.ana, phq9(each, hard=1), by=cast.tess, at=NOW - timedelta(weeks=weeks))
        scored(cast.ana, gad7(each), instrument="gad7", by=cast.priya, at=NOW - timedelta(weeks=weeks))
    wrong = scored(cast.ana, phq9(0), by=cast.tess, at=NOW - timedelta(weeks=7))
    actions.retract(wrong, reason="Another person's answers", by=cast.tess)
    timeline.note(
        cast.ana.pk, EntryKind.DOSE, on=cast.ana, occurred_at=NOW - timedelta(weeks=10), label="Step", by=cast.priya
    )
    scored(cast.ana, [1, None, *[1] * 6, 0, None], by=cast.tess, at=NOW - timedelta(days=20))
    last = scored(cast.ana, phq9(1, item9=1, hard=2), by=None, channel="desk", at=NOW - timedelta(hours=1))
    flag = RiskFlag.objects.get()
    line = handoffs.send(
        cast.ana, to_user=cast.tess, words="Sleeping six hours. If sweats come back, tell me.", by=cast.priya
    )
    old = risk.raise_flag(cast.ben, source="clinician", sentence="Said he has pills at home.", by=cast.theo)
    risk.close(old, disposition="plan_made", words="Pills are with his sister.", by=cast.theo)
    inbox.ask("later", sentence="Review the plan.", purpose="x", patient_id=cast.ana.pk, users=[cast.tess], by=None)
    ana = cast.ana.pk
    return {
        "measures": f"/measures/{ana}/",
        "record": f"/measures/{ana}/record/phq9/",
        "score": f"/measures/{ana}/{last.pk}/",
        "score-in-error": f"/measures/{ana}/{wrong.pk}/",
        "flag": f"/risk/{ana}/{flag.pk}/",
        "raise": f"/risk/{ana}/raise/",
        "flags": "/risk/",
        "lines": f"/handoffs/{ana}/",
        "line": f"/handoffs/{ana}/{line.pk}/",
        "line-new": f"/handoffs/{ana}/new/",
        "inbox": "/inbox/",
    }


def test_pages(page: Page, live_server: Any, transactional_db: None, cast: Cast) -> None:
    addresses = _given(cast)
    page.emulate_media(reduced_motion="reduce")
    sign_in(page, live_server, cast.tess)
    found: dict[str, Any] = {}
    for name, address in addresses.items():
        answer = page.goto(live_server.url + address)
        assert answer is not None
        for scheme, width in (("light", 1440), ("dark", 390)):
            page.set_viewport_size({"width": width, "height": 844})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
            problems = [*violations(page), *(["wider than the screen"] if wide else [])]
            if problems or answer.status != 200:
                found[f"{name} {scheme}"] = (answer.status, problems)
        shoot(page, name)
    assert [f"{name}: {what}" for name, what in found.items()] == []
