"""What pages give away beside what they are for: names where history and logs keep them; clinical words to the desk.

No title, address or cookie holds a patient's name (R-HS-07); nothing is kept by a browser or a proxy; no page that the
front desk may open holds a clinical word of the patient (R-HP-08).
"""

from collections.abc import Iterator
from html import unescape
from re import findall
from typing import Any

import pytest

from clinic.staff.enums import Role
from tests.examples import ANYBODY, browser, doors
from tests.furnished import SECRETS, Furnished

NAMES = ("Quiroga", "Annie", "Zimmermann", "Nguyen", "ana@example", "5035550101", "5550101")
SAMPLES = ("gallery", "practice:configuration")  # clinical words of nobody: components, names of values
CLINICAL = (Role.THERAPIST, Role.PRESCRIBER)


def opened(f: Furnished, who: str) -> Iterator[tuple[str, Any]]:
    """Every address that the person may open, with its answer."""
    made = browser(f, who)
    for door in doors(f, everybody=True):
        if door.who == who and (answer := made.get(door.address)).status_code != 405:
            assert answer.status_code < 500, door
            yield door.name, answer


def text_of(answer: Any) -> str:
    """The page as it was sent."""
    return "" if answer.streaming else unescape(answer.content.decode(errors="replace"))


def addresses(page: str) -> list[str]:
    """Every address on a page: where links, forms and scripts lead; a number to dial is none."""
    found = findall(r"""(?:href|action|src|formaction|hx-\w+|data-[\w-]*url)=["']([^"']*)""", page)
    return [one for one in found if not one.startswith(("tel:", "mailto:"))]


@pytest.mark.parametrize("who", [*map(str, Role), ANYBODY, "device"])
def test_no_name_where_history_and_logs_keep_it(furnished: Furnished, who: str) -> None:
    wrong, links, met = [], 0, set()
    for name, answer in opened(furnished, who):
        page = text_of(answer)
        found = addresses(page)
        links += len(found)
        met |= {word for word in NAMES if word in page}
        places = {
            "title": " ".join(findall(r"(?s)<title>(.*?)</title>", page)), "addresses": " ".join(found),
            "headers": " ".join(f"{key}: {value}" for key, value in answer.headers.items()),
            "cookies": answer.cookies.output(),
        }  # fmt: skip
        wrong += [
            (name, place, word)
            for place, text in places.items()
            for word in NAMES
            if word.casefold() in text.casefold()
        ]
        if answer["Cache-Control"] != "no-store":
            wrong.append((name, "kept", answer["Cache-Control"]))
        if answer["Referrer-Policy"] != "same-origin":
            wrong.append((name, "referrer", answer["Referrer-Policy"]))
    assert links
    assert met or who == ANYBODY
    assert wrong == []


def test_the_desk_meets_no_clinical_word(furnished: Furnished) -> None:
    """R-HP-08. The same words stand on pages of those who treat, so that they could have been met."""
    told: set[str] = set()
    for role in CLINICAL:
        for _, answer in opened(furnished, str(role)):
            told |= {word for word in SECRETS if word.casefold() in text_of(answer).casefold()}
    assert told == set(SECRETS)
    for role in (Role.FRONT_DESK, Role.PRACTICE_MANAGER, Role.PRIVACY_OFFICER):
        pages, wrong = 0, []
        for name, answer in opened(furnished, str(role)):
            if name in SAMPLES:
                continue
            pages += answer.status_code == 200
            page = text_of(answer).casefold()
            wrong += [(name, word) for word in SECRETS if word.casefold() in page]
        assert pages > 5
        assert wrong == [], role
