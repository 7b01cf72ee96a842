"""What a page says when it cannot: 404, 413, 422, 409, 500, 403; as a page and as a fragment; never a trace."""

from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import path

from clinic.refusal import Conflict, Refused
from clinic.urls import handler400, handler403, handler404, handler500  # noqa: F401
from clinic.urls import urlpatterns as ours
from clinic.web.errors import broken
from tests.cast import Cast, client

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}


def refuse(request: HttpRequest) -> Any:
    raise Refused("The plan has no objective yet. Add one, then sign.")


def conflict(request: HttpRequest) -> Any:
    raise Conflict("Somebody else saved this meanwhile.")


def crash(request: HttpRequest) -> Any:
    raise RuntimeError("a secret of the house")


def echo(request: HttpRequest) -> Any:
    return refuse(request) if request.POST else crash(request)


urlpatterns = [
    *ours,
    path("refuse/", refuse),
    path("conflict/", conflict),
    path("crash/", crash),
    path("echo/", echo),
]


@pytest.fixture
def tess(cast: Cast, settings: Any) -> Client:
    """Tess, where these views exist."""
    settings.ROOT_URLCONF = __name__
    made = client(cast.tess)
    made.raise_request_exception = False
    return made


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/refuse/", 422, "The plan has no objective yet. Add one, then sign."),
        ("/conflict/", 409, "Somebody else saved this meanwhile."),
        ("/crash/", 500, "Tandem could not do that"),
        ("/nowhere/", 404, "There is nothing here for you"),
        ("/me/?a=%00", 404, "There is nothing here for you"),
    ],
)
def test_the_page_and_the_fragment(tess: Client, address: str, status: int, words: str) -> None:
    page, fragment = tess.get(address), tess.get(address, headers=HX)
    assert (page.status_code, fragment.status_code) == (status, status)
    assert words in page.content.decode()
    assert words in fragment.content.decode()
    assert "<html" in page.content.decode()
    assert "<html" not in fragment.content.decode()
    assert "secret of the house" not in page.content.decode() + fragment.content.decode()


def test_a_refusal_is_in_the_audit(tess: Client, cast: Cast) -> None:
    from clinic.audit.enums import Outcome
    from clinic.audit.models import AuditEvent

    tess.get("/refuse/")
    row = AuditEvent.objects.get(outcome=Outcome.REFUSED)
    assert (row.actor_id, row.why) == (cast.tess.pk, "The plan has no objective yet. Add one, then sign.")


def test_too_much_is_413(tess: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    answer = tess.post("/echo/", {"text": "x" * 2_000})
    assert answer.status_code == 413
    assert "what you typed is still in the page" in answer.content.decode()


def test_a_page_from_another_sign_in_is_told_what_to_do(cast: Cast) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.tess)
    answer = strict.post("/me/", {})
    assert answer.status_code == 403
    assert "copy what you typed" in answer.content.decode()


def test_the_last_page_asks_no_database(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert b"It is our fault" in broken(RequestFactory().get("/")).content
