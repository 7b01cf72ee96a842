"""Pages for what went wrong: the same for unknown and forbidden, never a stack trace, ids only."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string


def _answer(request: HttpRequest, status: int, title: str, sentence: str) -> HttpResponse:
    template = "web/problem.html#words" if getattr(request, "htmx", False) else "web/problem.html"
    return render(request, template, {"title": title, "sentence": sentence}, status=status)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """404: there is no such page, or it is not for this person; the two look alike on purpose."""
    return _answer(
        request, 404, "There is nothing here for you",
        "The page does not exist, or it is not open to you. Go back, or find the patient by name.",
    )  # fmt: skip


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """400: what was sent could not be read; 413 if it was more than a page may send."""
    if isinstance(exception, RequestDataTooBig):
        return too_large(request)
    return _answer(
        request, 400, "That could not be read",
        "What was sent is damaged. Go back; what you typed is still in the page.",
    )  # fmt: skip


def too_large(request: HttpRequest) -> HttpResponse:
    """413: more than a page may send at once."""
    return _answer(
        request, 413, "That is too much at once",
        "Nothing was saved. Go back, shorten the text and send it again; what you typed is still in the page.",
    )  # fmt: skip


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 of the forgery check: mostly a page that was open across a sign-in."""
    return _answer(
        request, 403, "This page is from an earlier sign-in",
        "Go back, copy what you typed, reload the page and send it again.",
    )  # fmt: skip


def broken(request: HttpRequest) -> HttpResponse:
    """500: our fault; no detail reaches a person. Asks neither session nor database: they may be what broke."""
    sentence = "It is our fault and has been logged. What was saved before is kept. Go back and try again."
    context = {"title": "Tandem could not do that", "sentence": sentence}
    template = "web/problem.html#words" if getattr(request, "htmx", False) else "web/problem.html"
    return HttpResponse(render_to_string(template, context), status=500)
