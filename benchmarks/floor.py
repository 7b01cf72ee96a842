"""The floors: a bare view with one indexed query, and a signed-in page with the whole middleware and one row."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse

from clinic.practice.models import Practice
from clinic.web.pages import needs

BARE = "/bench/bare/"
Respond = Callable[[HttpRequest], HttpResponse]


def _one_row() -> HttpResponse:
    return HttpResponse(str(Practice.objects.get(only=True).pk))


class Count:
    """Puts the number of queries of a request into a header of its answer."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        queries = 0

        def counted(execute: Any, *args: Any) -> Any:
            nonlocal queries
            queries += 1
            return execute(*args)

        with connection.execute_wrapper(counted):
            response = self.respond(request)
        response.headers["X-Queries"] = str(queries)
        return response


class Bare:
    """Answers the bare floor's address itself."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return _one_row() if request.path == BARE else self.respond(request)


@needs("home")
def full(request: HttpRequest) -> HttpResponse:
    """The same row behind everything that a page has in front of it."""
    return _one_row()
