"""Headers of every answer, files and pages alike; production's settings beside the demo's."""

import subprocess
import sys

import pytest
from django.test import Client
from django.urls import reverse

from tests.architecture import ROOT
from tests.cast import Cast, client

pytestmark = pytest.mark.django_db

POLICY = {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "font-src": "'self'",
    "connect-src": "'self'", "form-action": "'self'", "manifest-src": "'self'", "img-src": "'self' data:",
    "base-uri": "'none'", "frame-ancestors": "'none'",
}  # fmt: skip


@pytest.mark.parametrize("address", ["/me/", "/nowhere/", "/accounts/login/", "/health/", "/robots.txt"])
def test_every_answer(cast: Cast, address: str) -> None:
    who = Client() if address.startswith("/accounts") else client(cast.tess)
    headers = who.get(address).headers
    told = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";") if part.strip())
    assert told == POLICY
    assert "no-store" in headers["Cache-Control"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Permissions-Policy"].startswith("camera=(), geolocation=(), microphone=()")


def test_robots_are_sent_away() -> None:
    assert Client().get("/robots.txt").content == b"User-agent: *\nDisallow: /\n"


def test_favicon_is_the_mark() -> None:
    assert Client().get("/favicon.ico")["Location"].endswith("img/mark.svg")


def test_cookies_are_for_the_server_alone(cast: Cast) -> None:
    answer = client(cast.tess).post(reverse("theme"), {"theme": "dark"})
    cookie = answer.cookies["theme"]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == ("dark", True, "Lax")
    page = Client()
    page.get("/accounts/login/")
    assert page.cookies["csrftoken"]["httponly"]


def test_production_is_stricter() -> None:
    """Settings are read anew, as a server would: secure cookies, HSTS, no gallery, no mailbox, second factor."""
    script = (
        "import django; django.setup()\n"
        "from django.conf import settings as s\n"
        "from django.urls import NoReverseMatch, reverse\n"
        "def there(name):\n"
        "    try: reverse(name)\n"
        "    except NoReverseMatch: return False\n"
        "    return True\n"
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0, s.SECURE_SSL_REDIRECT,"
        " s.REQUIRE_MFA, there('gallery'), there('outbox:mailbox'), there('account_reset_password'), s.DEBUG)\n"
    )
    environment = {
        "TANDEM_ENV": "production", "DJANGO_SETTINGS_MODULE": "clinic.settings", "SECRET_KEY": "s" * 50,
        "FIELD_KEYS": "k", "DATABASE_URL": "postgres://x@localhost/x", "REDIS_URL": "redis://localhost/0",
        "PATH": "/usr/bin:/bin",
    }  # fmt: skip
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script], env=environment, cwd=ROOT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert ran.stdout.strip() == "True True True True True False False False False", ran.stderr[-500:]
