"""Remembers where a request came from for the audit rows written in it."""

from collections.abc import Callable
from uuid import uuid4

from django.http import HttpRequest, HttpResponse

from clinic.audit.context import Where, enter

POLL_HEADER = "X-Tandem-Poll"


class WhereFrom:
    """Fills the audit's context for the time of one request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = getattr(request, "user", None)
        roles = sorted(user.held_roles()) if user is not None and user.is_authenticated else []
        enter(
            Where(
                address=request.META.get("REMOTE_ADDR") or None,
                request_id=uuid4().hex,
                page=request.resolver_match.view_name if request.resolver_match else "",
                roles=[str(role) for role in roles],
                polling=POLL_HEADER in request.headers,
            )
        )
        try:
            return self.get_response(request)
        finally:
            enter(None)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> None:
        """The URL's name is known only now."""
        from clinic.audit.context import here

        here().page = request.resolver_match.view_name if request.resolver_match else ""
