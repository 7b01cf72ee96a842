"""Every address × every role × (own patient, another's, nobody's), against the permission table.

A view says what it needs by its guard (`needs`, `patient_view`): without one it must stand in PUBLIC, with its reason.
Unknown and forbidden are both 404.
"""

from datetime import date
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from clinic import permissions
from clinic.staff.enums import Role
from patients.record import access
from tests.architecture import url_names
from tests.cast import Cast, client

NOBODY = UUID("01900000-0000-7000-8000-000000000000")
# Open without a role, each with its reason. Names of a namespace end in ":".
PUBLIC = {
    "account_": "signing in and out, by allauth",
    "mfa_": "the second factor, by allauth",
    "measures:here": "the patient types the desk's six digits; signed in as nobody",
    "measures:desk": "the patient answers at the desk's device; the device's session holds a token",
    "measures:question": "the same",
    "measures:help": "the same",
    "measures:end": "the same",
    "home": "leads whoever is signed in to their first page",
    "idle": "renews or ends the idle clock of whoever is signed in",
    "theme": "keeps light or dark in a cookie, also on the sign-in page",
    "welcome": "an invitation's own link; works once",
    "health": "for whoever watches the machine; yes or no, nothing else",
    "robots": "asks robots to stay away",
    "favicon": "the mark",
    "outbox:inbound": "the text gateway's door; it presents a token",
}
# These need more than the patient in the address; without it they find nothing.
ASK_FOR_MORE = {"plan:compare": "two versions in the query", "prescribing:check": "the product that is proposed"}


def _is_public(name: str) -> bool:
    return name in PUBLIC or name.startswith(tuple(one for one in PUBLIC if one.endswith("_")))


OURS = [(name, pattern) for name, pattern in url_names() if not _is_public(name)]
FILLERS: dict[str, object] = {"uuid": NOBODY, "int": 1, "slug": "x", "str": "x", "day": date(2026, 3, 2)}


def _capability(pattern: URLPattern) -> str:
    return str(getattr(pattern.callback, "capability", ""))


def _kwargs(pattern: URLPattern, patient_id: UUID) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, converter in pattern.pattern.converters.items():
        kind = type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")
        found[name] = patient_id if name == "patient_id" else FILLERS[kind]
    return found


def _is_of_patient(pattern: URLPattern) -> bool:
    return "patient_id" in pattern.pattern.converters


def _only_the_patient(pattern: URLPattern) -> bool:
    return set(pattern.pattern.converters) <= {"patient_id"}


@pytest.mark.parametrize(("name", "pattern"), OURS, ids=[name for name, _ in OURS])
def test_every_view_says_what_it_needs(name: str, pattern: URLPattern) -> None:
    assert _capability(pattern) in permissions.CAPABILITIES, f"{name} has no guard and is not in PUBLIC"


def test_a_stranger_reaches_nothing(cast: Cast) -> None:
    browser, reached = Client(), []
    for name, pattern in OURS:
        address = reverse(name, kwargs=_kwargs(pattern, cast.ana.pk))
        statuses = {browser.get(address).status_code, browser.post(address).status_code}
        if not statuses <= {302, 404, 405, 401}:
            reached.append((name, statuses))
    assert reached == []


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("whose", ["ana", "ben", "cleo"])
def test_pages_of_a_patient_open_by_the_table(cast: Cast, role: Role, whose: str) -> None:
    user, patient = cast.by_role[role], getattr(cast, whose)
    browser, wrong = client(user), []
    for name, pattern in OURS:
        if not _is_of_patient(pattern):
            continue
        address = reverse(name, kwargs=_kwargs(pattern, patient.pk))
        got, posted = browser.get(address).status_code, browser.post(address).status_code
        if access.may(user, _capability(pattern), patient.pk):
            whole = _only_the_patient(pattern) and name not in ASK_FOR_MORE
            fine = 404 not in (got, posted) if whole else True
            fine = fine and got < 500 and posted < 500
        else:
            fine = {got, posted} <= {404, 405} and 404 in (got, posted)
        if not fine:
            wrong.append((name, got, posted))
    assert wrong == []


@pytest.mark.parametrize("role", list(Role))
def test_other_pages_open_by_the_table(cast: Cast, role: Role) -> None:
    user = cast.by_role[role]
    browser, wrong = client(user), []
    for name, pattern in OURS:
        if _is_of_patient(pattern):
            continue
        address = reverse(name, kwargs=_kwargs(pattern, NOBODY))
        got, posted = browser.get(address).status_code, browser.post(address).status_code
        if permissions.may(user.held_roles(), _capability(pattern)):
            fine = got < 500 and posted < 500 and (404 not in (got, posted) or bool(pattern.pattern.converters))
        else:
            fine = {got, posted} <= {404, 405} and 404 in (got, posted)
        if not fine:
            wrong.append((name, got, posted))
    assert wrong == []


@pytest.mark.parametrize("role", list(Role))
def test_an_unknown_patient_looks_like_a_forbidden_one(cast: Cast, role: Role) -> None:
    user = cast.by_role[role]
    browser = client(user)
    for name, pattern in OURS:
        if _is_of_patient(pattern) and _only_the_patient(pattern):
            answer = browser.get(reverse(name, kwargs=_kwargs(pattern, NOBODY)))
            assert answer.status_code in (404, 405), name
