"""What is asked twice while one page is read is answered once; wherever something is sent, each question is asked."""

from collections.abc import Iterator

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from clinic.audit.context import enter
from clinic.audit.middleware import WhereFrom
from clinic.once import once

asked: list[tuple[str, int]] = []


@once
def read(name: str, number: int = 1) -> str:
    asked.append((name, number))
    return f"{name} {number}"


@pytest.fixture(autouse=True)
def _nothing_asked() -> Iterator[None]:
    asked.clear()
    yield
    enter(None)


def page(method: str) -> list[str]:
    """What a request answers that asks three times, twice for the same."""
    said: list[str] = []

    def respond(request: HttpRequest) -> HttpResponse:
        said.extend([read("a"), read("b", number=2), read("a")])
        return HttpResponse()

    WhereFrom(respond)(getattr(RequestFactory(), method)("/"))
    return said


@pytest.mark.parametrize(("method", "times"), [("get", [("a", 1), ("b", 2)]), ("post", [("a", 1), ("b", 2), ("a", 1)])])
def test_only_where_nothing_is_sent(method: str, times: list[tuple[str, int]]) -> None:
    assert page(method) == ["a 1", "b 2", "a 1"]
    assert asked == times


def test_the_next_request_asks_anew() -> None:
    page("get")
    page("get")
    assert asked == [("a", 1), ("b", 2)] * 2


def test_outside_a_request_each_question_is_asked() -> None:
    assert (read("a"), read("a")) == ("a 1", "a 1")
    assert asked == [("a", 1)] * 2
