"""The session ends on the server after fifteen idle minutes; polling does not renew it (R-HS-03)."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from clinic import clock
from clinic.audit.enums import Kind
from clinic.audit.models import AuditEvent
from tests.cast import Cast, at, client

pytestmark = pytest.mark.django_db

POLL = {"X-Tandem-Poll": "1"}
NINE = at("2026-11-23 09:00")


def visit(who: Client, minutes: float, **kwargs: Any) -> Any:
    """Open the settings so many minutes after nine."""
    with clock.at(NINE + timedelta(minutes=minutes)):
        return who.get("/me/?a=1", **kwargs)


def test_work_renews_it(cast: Cast) -> None:
    tess = client(cast.tess)
    for minute in range(0, 60, 14):
        assert visit(tess, minute).status_code == 200


def test_fifteen_minutes_are_still_open_and_more_are_not(cast: Cast) -> None:
    tess = client(cast.tess)
    visit(tess, 0)
    assert visit(tess, 15).status_code == 200
    late = visit(tess, 31)
    assert late.status_code == 302
    assert late["Location"] == f"{reverse('account_login')}?next=%2Fme%2F%3Fa%3D1"
    assert AuditEvent.objects.filter(kind=Kind.SIGNED_OUT, actor_id=cast.tess.pk).count() == 1
    assert visit(tess, 31).status_code == 302


def test_polling_is_answered_but_renews_nothing(cast: Cast) -> None:
    tess = client(cast.tess)
    visit(tess, 0)
    assert [visit(tess, minute, headers=POLL).status_code for minute in (5, 10, 14)] == [200, 200, 200]
    assert visit(tess, 16, headers=POLL).status_code == 401


def test_a_fragment_is_told_so_without_losing_the_page(cast: Cast) -> None:
    tess = client(cast.tess)
    visit(tess, 0)
    answer = visit(tess, 20, headers={"HX-Request": "true"})
    assert answer.status_code == 401
    text = answer.content.decode()
    assert "What you typed" in text or "what you typed is kept" in text
    assert "<html" not in text


def test_a_sent_form_leads_back_to_its_page(cast: Cast) -> None:
    tess = client(cast.tess)
    visit(tess, 0)
    with clock.at(NINE + timedelta(minutes=20)):
        answer = tess.post("/me/", {"single_keys": "on"}, headers={"Referer": "http://testserver/me/?tab=2"})
    assert answer.status_code == 401
    assert "next=%2Fme%2F%3Ftab%3D2" in answer.content.decode()


def test_a_form_sent_after_another_window_ended_the_session_loses_no_word(cast: Cast) -> None:
    tess = client(cast.tess)
    visit(tess, 0)
    tess.logout()
    sent = tess.post("/me/", {"single_keys": "on"}, headers={"Referer": "http://testserver/me/"})
    assert (sent.status_code, "what you typed is kept" in sent.content.decode()) == (401, True)
    fragment = tess.get("/me/", headers={"HX-Request": "true"})
    assert (fragment.status_code, "<html" in fragment.content.decode()) == (401, False)
    assert tess.get("/me/", headers=POLL).status_code == 401
    assert tess.get("/me/").status_code == 302


def test_signing_out_twice_is_no_lost_form(cast: Cast) -> None:
    tess = client(cast.tess)
    tess.logout()
    assert tess.post(reverse("account_logout")).status_code == 302


def test_a_sent_form_never_leads_elsewhere(cast: Cast) -> None:
    tess = client(cast.tess)
    visit(tess, 0)
    with clock.at(NINE + timedelta(minutes=20)):
        answer = tess.post("/me/", {}, headers={"Referer": "https://elsewhere.example/x"})
    assert "elsewhere" not in answer.content.decode()


def test_how_long_is_left_and_staying(cast: Cast) -> None:
    tess = client(cast.tess)
    visit(tess, 0)
    with clock.at(NINE + timedelta(minutes=14)):
        assert tess.get(reverse("idle"), headers=POLL).json()["left"] == 60
        assert tess.post(reverse("idle")).json()["left"] == 900
    assert visit(tess, 28).status_code == 200


def test_each_person_has_their_own_clock(cast: Cast) -> None:
    tess, theo = client(cast.tess), client(cast.theo)
    visit(tess, 0)
    visit(theo, 10)
    assert visit(tess, 16).status_code == 302
    assert visit(theo, 16).status_code == 200
