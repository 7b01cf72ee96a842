"""What is asked twice while one page is read is answered once."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from clinic.audit.context import here

P = ParamSpec("P")
R = TypeVar("R")


def once(work: Callable[P, R]) -> Callable[P, R]:
    """Keep what a reading function answers, by its arguments, until the request ends; only while nothing is sent.

    The parts of a page come from rooms that do not know of each other and ask for the same rows. Between them nothing
    can change: the request only reads. In a POST, a task or a test each call asks anew. Arguments are hashable; nobody
    changes the answer.
    """

    @wraps(work)
    def kept(*args: P.args, **kwargs: P.kwargs) -> R:
        answers: dict[Any, Any] | None = here().answers
        if answers is None:
            return work(*args, **kwargs)
        key = (work, args, tuple(sorted(kwargs.items())))
        if key not in answers:
            answers[key] = work(*args, **kwargs)
        found: R = answers[key]
        return found

    return kept
