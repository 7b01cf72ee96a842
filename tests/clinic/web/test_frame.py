"""The frame for each role: destinations, the word one stands under, settings, theme, the gallery."""

import pytest
from django.test import Client
from django.urls import reverse

from clinic import clock
from clinic.staff.models import User
from clinic.web.navigation import Destination, parted
from tests.cast import Cast, client

pytestmark = pytest.mark.django_db


def words(user: User, address: str = "/me/") -> list[str]:
    """The words of the top bar."""
    return [place.label for place in client(user).get(address).context["destinations"]]


def test_each_role_sees_its_own_words(cast: Cast) -> None:
    assert words(cast.tess) == ["My day", "Day board", "Patients", "Monitoring", "Inbox"]
    assert words(cast.priya) == ["My day", "Day board", "Patients", "Refills", "Inbox"]
    assert words(cast.fran) == ["Day board", "Patients", "Inbox", "Mailbox"]
    assert words(cast.max) == ["Day board", "Staff", "Practice", "Pharmacies", "Inbox"]
    assert words(cast.olga) == ["Audit", "Inbox", "Jobs"]


def test_what_is_over_five_stands_in_the_menu(cast: Cast) -> None:
    def more(user: User) -> list[str]:
        return [place.label for place in client(user).get("/me/").context["further"]]

    assert (more(cast.priya), more(cast.tess), more(cast.max)) == (["Monitoring"], [], ["Jobs", "Mailbox"])
    page = client(cast.priya).get(reverse("monitoring:grid")).content.decode()
    assert f'<a class="menu-item"\n                   href="{reverse("monitoring:grid")}" aria-current="page">' in page


def test_the_last_leaves_where_everything_is_used_daily() -> None:
    places = [Destination(str(number), "/", str(number)) for number in range(7)]
    bar, further = parted(places)
    assert [[place.label for place in part] for part in (bar, further)] == [["0", "1", "2", "3", "4"], ["5", "6"]]


def test_home_is_the_first_of_them(cast: Cast) -> None:
    assert client(cast.max).get("/")["Location"] == reverse("scheduling:board")
    assert Client().get("/")["Location"] == f"{reverse('account_login')}?next=/"


def test_who_has_no_role_is_told_so(cast: Cast) -> None:
    cast.tess.role_grants.update(ended_at=clock.now(), ended_by=cast.max)
    tess = client(cast.tess)
    assert "Ask the practice manager" in tess.get("/").content.decode()
    assert tess.get("/me/").status_code == 404


def test_the_word_one_stands_under(cast: Cast) -> None:
    manager = client(cast.max)
    assert manager.get(reverse("staff:people")).context["nav_here"] == "staff:people"
    assert manager.get(reverse("staff:rota")).context["nav_here"] == "staff:people"
    assert manager.get("/me/").context["nav_here"] == ""


def test_only_who_may_find_patients_is_offered_them(cast: Cast) -> None:
    assert client(cast.tess).get("/me/").context["finder_label"] == "Find a patient or an action"
    assert client(cast.olga).get("/me/").context["palette_url"] == ""


def test_single_letters_are_a_choice(cast: Cast) -> None:
    tess = client(cast.tess)
    assert 'data-single-keys="on"' in tess.get("/me/").content.decode()
    assert tess.post("/me/", {})["Location"] == "/me/"
    assert 'data-single-keys="off"' in tess.get("/me/").content.decode()


@pytest.mark.parametrize(("chosen", "shown"), [("dark", "dark"), ("light", "light"), ("system", ""), ("x", "")])
def test_the_theme_is_kept(cast: Cast, chosen: str, shown: str) -> None:
    tess = client(cast.tess)
    assert tess.post(reverse("theme"), {"theme": chosen, "next": "/me/"})["Location"] == "/me/"
    assert tess.get("/me/").context["theme"] == shown


def test_the_theme_leads_nowhere_else(cast: Cast) -> None:
    assert client(cast.tess).post(reverse("theme"), {"theme": "dark", "next": "https://x.example/"})["Location"] == "/"


def test_a_cookie_cannot_write_into_the_page(cast: Cast) -> None:
    tess = client(cast.tess)
    tess.cookies["theme"] = 'x" onload="y'
    assert "onload" not in tess.get("/me/").content.decode()


def test_the_gallery_shows_every_component(cast: Cast) -> None:
    answer = client(cast.tess).get(reverse("gallery"))
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "<c-" not in page
    for part in ("mk-tm", "sev-block", "notice-refused", "f-none", "delta", "tag-risk", "scroll-x", 'id="end-taper"'):
        assert part in page
