"""Remembers where a request came from for the audit rows written in it."""

from collections.abc import Callable
from ipaddress import ip_address
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from clinic.audit.context import Where, enter, here

POLL_HEADER = "X-Tandem-Poll"


def address_of(request: HttpRequest) -> str | None:
    """The caller's address: behind a proxy what the proxy says (its entry is the last), else the connection's."""
    told = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip() if settings.BEHIND_PROXY else ""
    text = (told or request.META.get("REMOTE_ADDR", "")).partition("%")[0]
    try:
        return str(ip_address(text))
    except ValueError:
        return None


class WhereFrom:
    """Fills the audit's context for the time of one request. The page's name is known once the URL is resolved."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = getattr(request, "user", None)
        roles = sorted(user.held_roles()) if user is not None and user.is_authenticated else []
        enter(
            Where(
                address=address_of(request),
                request_id=uuid4().hex,
                roles=[str(role) for role in roles],
                polling=POLL_HEADER in request.headers,
                answers={} if request.method in ("GET", "HEAD") else None,
            )
        )
        try:
            return self.get_response(request)
        finally:
            enter(None)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> None:
        """Django has just resolved the URL; in `__call__` it has not."""
        here().page = request.resolver_match.view_name if request.resolver_match else ""
