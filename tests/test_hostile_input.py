"""Every address that takes a form meets input that no person types: never a 500, and typed words come back.

Each form of each page is sent as a browser would, with one field at a time gone or spoiled; every POST is rolled back.
Addresses without a form of their own take the fields of the page whose script sends them.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from itertools import count, product
from typing import Any
from urllib.parse import quote_plus, urlsplit

import pytest
from django.db import transaction
from django.test import Client
from django.urls import Resolver404, resolve

from clinic.staff.enums import Role
from tests.examples import ANYBODY, Door, browser, doors
from tests.forms_of import TYPED, WORDS, Field, FoundForm, forms_of
from tests.furnished import Furnished

# As they go over the wire: percent-encoded bytes, so that halves of characters arrive as well.
NUL, HALF, BROKEN = "a%00b", "%ED%A0%80", "%FF%FE"
TEXT = (NUL, HALF, BROKEN, "x" * 10_000, quote_plus("\u202egnp.exe\u200b\u2066\U000e0041"), "W" * 200, "%20", "")
IDS = ("00000000-0000-7000-8000-000000000000", "not-an-id", "{}", "-1")
DAYS = ("2026-02-31", "0000-00-00", "99999-12-31", "9999-12-31", "0001-01-01", "25%3A61", "12%3A30")
NUMBERS = ("-5", "1e9", "NaN", "5..0", "0", "9" * 30, "Infinity", "1e-400", quote_plus("٣"), quote_plus("½"))
BY_KIND = {
    "date": DAYS, "time": DAYS, "datetime-local": DAYS, "number": NUMBERS, "decimal": NUMBERS, "numeric": NUMBERS,
    "hidden": IDS + NUMBERS, "select": IDS, "radio": IDS,
}  # fmt: skip
A_FIELD = 2  # sent for each field of each form; the values take turns, so that every form meets others
# Sent by scripts only: the page whose fields they take, or their own.
FIELDS_OF = {
    "record:codes": "record:condition", "handoffs:hints": "handoffs:new", "notes:save": "sessions:session",
    "sessions:save": "sessions:session", "visits:save": "visits:visit", "prescribing:check": "prescribing:change",
    "tapers:fill": "tapers:new", "tapers:preview": "tapers:new",
}  # fmt: skip
OWN = {
    "record:palette": ("q",), "catalogue:pick": ("text", "base"), "theme": ("theme", "next"),
    "sessions:begin": ("attendance",), "visits:begin": ("attendance",), "outbox:inbound": ("id",),
}  # fmt: skip
PARTS = 2  # of each role's forms, so that the workers share them
# The parts in which something is refused beside words that a person typed.
WITH_WORDS = {*product((Role.THERAPIST, Role.PRESCRIBER), range(PARTS)), (Role.FRONT_DESK, 0)}


@dataclass
class Sweep:
    """One role's sending: what went wrong, and how much was sent where."""

    client: Client
    wrong: list[str] = field(default_factory=list)
    sent: Counter[str] = field(default_factory=Counter)
    turn: Iterator[int] = field(default_factory=count)
    kept: int = 0

    def post(self, form: FoundForm, spoiled: Field | None = None, value: str | None = None, times: int = 1) -> None:
        """Send the form with one field spoiled (None: missing), roll back, note what is wrong."""
        pairs = [(one, quote_plus(one.value)) for one in form.fields if one is not spoiled]
        if spoiled is not None and value is not None:
            pairs.append((spoiled, value))
        body = "&".join(f"{quote_plus(one.name)}={text}" for one, text in pairs)
        cookies = {key: morsel.value for key, morsel in self.client.cookies.items()}
        with transaction.atomic():
            for _ in range(times):
                answer = self.client.post(form.action, body, content_type="application/x-www-form-urlencoded")
            self._judge(form, spoiled, value, answer)
            transaction.set_rollback(True)
        self.client.cookies.clear()
        self.client.cookies.load(cookies)

    def _judge(self, form: FoundForm, spoiled: Field | None, value: str | None, answer: Any) -> None:
        name = resolve(urlsplit(form.action).path).view_name
        self.sent[name] += 1
        case = f"{name} {spoiled.name if spoiled else ''}={value if value is None else value[:40]}"
        if answer.status_code >= 500:
            self.wrong.append(f"{case}: {answer.status_code}")
        if answer.status_code in (422, 409):
            page = unescape(answer.content.decode())
            names = {one.name for again in forms_of(answer.content.decode(), form.action) for one in again.fields}
            for one in form.fields:
                if one is not spoiled and one.kind in TYPED and one.name in names and len(one.value) > 3:
                    self.kept += 1
                    if one.value not in page:
                        self.wrong.append(f"{case}: {one.name} lost {one.value[:40]!r}")

    def send(self, form: FoundForm) -> None:
        """The form as it is, twice; then each field missing and spoiled."""
        self.post(form, times=2)
        for one in form.fields:
            values = (*TEXT, *BY_KIND.get(one.kind, ()), None)
            for _ in range(A_FIELD):
                self.post(form, one, values[next(self.turn) % len(values)])


def _view(path: str) -> str:
    """The view that answers there, and the words in its address; "" if there is none."""
    try:
        found = resolve(urlsplit(path).path)
    except Resolver404:
        return ""
    return f"{found.view_name} {[value for value in found.kwargs.values() if isinstance(value, str)]}"


def _forms(made: Client, all_doors: list[Door]) -> list[FoundForm]:
    """The forms of the pages that the person opens, once for each address and set of fields."""
    found: dict[tuple[str, ...], FoundForm] = {}
    covered: set[str] = set()
    by_name: dict[str, list[FoundForm]] = {}
    for door in all_doors:
        answer = made.get(door.address)
        if answer.status_code == 200 and not answer.streaming and "html" in answer["Content-Type"]:
            by_name[door.name] = forms_of(answer.content.decode(), door.address)
            for form in by_name[door.name]:
                if view := _view(form.action):
                    covered.add(urlsplit(form.action).path)
                    found.setdefault((view, *sorted(form.data())), form)
    for door in all_doors:
        if urlsplit(door.address).path not in covered:
            source = max(by_name.get(FIELDS_OF.get(door.name, ""), []), key=lambda form: len(form.fields), default=None)
            own = [Field(name, "text", WORDS) for name in OWN.get(door.name, ())]
            found[door.address,] = FoundForm(door.address, list(source.fields) if source else own)
    return list(found.values())


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("who", [*map(str, Role), ANYBODY, "device"])
def test_no_input_breaks_a_page(furnished: Furnished, who: str, part: int) -> None:
    sweep = Sweep(browser(furnished, who))
    for form in _forms(sweep.client, [door for door in doors(furnished) if door.who == who])[part::PARTS]:
        sweep.send(form)
    assert sweep.kept or (who, part) not in WITH_WORDS
    assert sweep.sent
    assert not sweep.wrong, "\n".join(sorted(set(sweep.wrong)))


@pytest.mark.parametrize("name", ["chart:event", "handoffs:new", "sessions:session"])
def test_more_than_a_page_may_send_gets_a_sentence(furnished: Furnished, name: str) -> None:
    door = next(door for door in doors(furnished) if door.name == name)
    answer = browser(furnished, door.who).post(door.address, {"words": "x" * 2_600_000})
    assert answer.status_code == 413
    assert "Nothing was saved." in answer.content.decode()
