"""Around every request: headers, clean input, the idle clock, the second factor, refusals."""

from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from clinic import clock
from clinic.audit.middleware import POLL_HEADER
from clinic.refusal import Conflict, Refused
from clinic.web.errors import not_found
from clinic.web.pages import note_refusal

Respond = Callable[[HttpRequest], HttpResponse]
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()"
# What a person without a second factor may reach: setting one up, signing out, the theme, the idle clock.
WITHOUT_FACTOR = ("/accounts/", "/theme/", "/idle/", "/health/")
SEEN = "seen_at"  # session key: when the person last did something


class Headers:
    """Permissions-Policy everywhere; nothing but static files may be kept by a browser or a proxy."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.respond(request)
        response.headers["Permissions-Policy"] = PERMISSIONS_POLICY
        if not request.path.startswith(f"/{settings.STATIC_URL.strip('/')}/"):
            response.headers["Cache-Control"] = "no-store"
        return response


class CleanInput:
    """An address that holds NUL or half a character finds nothing; forms refuse theirs beside the field."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        for text in (request.path, *request.GET.keys(), *(v for vs in request.GET.lists() for v in vs[1])):
            if "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text):
                return not_found(request)
        return self.respond(request)


class IdleClock:
    """Ends a session on the server after IDLE_MINUTES without a person's doing (R-HS-03). Polling renews nothing.

    A form that is sent after the session's end, whichever window ended it, loses none of its words.
    """

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            response = self.respond(request)
            return self._signed_out(request) if _sent_to_sign_in(request, response) else response
        now = int(clock.now().timestamp())
        seen = request.session.get(SEEN)
        if seen is not None and now - seen > settings.IDLE_MINUTES * 60:
            logout(request)
            return self._signed_out(request)
        if POLL_HEADER not in request.headers and (seen is None or now != seen):
            request.session[SEEN] = now
        return self.respond(request)

    def _signed_out(self, request: HttpRequest) -> HttpResponse:
        """A page leads to the sign-in and back to itself. A fragment or a sent form answers 401, so that what is typed
        stays on the page it was typed in."""
        if getattr(request, "htmx", False) or POLL_HEADER in request.headers:
            return render(request, "web/signed_out.html#words", {"back": ""}, status=401)
        if request.method != "GET":
            return render(request, "web/signed_out.html", {"back": _same_site(request)}, status=401)
        return redirect(f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': request.get_full_path()})}")


def _sent_to_sign_in(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether a fragment or a sent form, not the opening of a page, was answered with the way to the sign-in."""
    if request.path.startswith("/accounts/"):  # signing out twice, a sign-in that lapsed: no words of anybody
        return False
    asks = request.method not in ("GET", "HEAD") or getattr(request, "htmx", False) or POLL_HEADER in request.headers
    return bool(asks and response.status_code == 302 and response["Location"].startswith(reverse(settings.LOGIN_URL)))


def _same_site(request: HttpRequest) -> str:
    """The page of ours that the request was sent from; "/" if it does not say."""
    told = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(told, allowed_hosts={request.get_host()}):
        return "/"
    parts = urlsplit(told)
    return parts.path + (f"?{parts.query}" if parts.query else "")


class RequireMfa:
    """With REQUIRE_MFA, who has no second factor sets one up first (R-HS-06)."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.REQUIRE_MFA and request.user.is_authenticated and not request.path.startswith(WITHOUT_FACTOR):
            from allauth.mfa.models import Authenticator

            if not Authenticator.objects.filter(user=request.user).exclude(type="recovery_codes").exists():
                return redirect("mfa_activate_totp")
        return self.respond(request)


class Refusals:
    """A rule's refusal that no form took: 422 (409 for a conflict) with its sentence, and a row in the audit."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.respond(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Only refusals are ours."""
        if not isinstance(exception, Refused) or isinstance(exception, Http404):
            return None
        note_refusal(request, exception)
        template = "web/refused.html#words" if getattr(request, "htmx", False) else "web/refused.html"
        status = 409 if isinstance(exception, Conflict) else 422
        return render(request, template, {"sentence": exception.sentence}, status=status)
