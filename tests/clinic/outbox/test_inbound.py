"""The door for the gateway: our token, once per id, never a 500, nothing lost that can be read."""

import json
from typing import Any

import pytest
from django.test import Client

from clinic import ports
from clinic.outbox.models import InboundText

pytestmark = pytest.mark.django_db
ADDRESS = "/jobs/texts/in/"


class Nobody:
    """Acts on nothing."""

    def receive(self, inbound: Any) -> str | None:
        """Not mine."""
        return None


@pytest.fixture(autouse=True)
def _nobody(settings: Any) -> Any:
    settings.INBOUND_TEXT = ["tests.clinic.outbox.test_inbound.Nobody"]
    ports.load.cache_clear()
    yield
    ports.load.cache_clear()


def send(content: Any, token: str | None = "demo-inbound-token", raw: bool = False) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    body = content if raw else json.dumps(content)
    return Client(enforce_csrf_checks=True).post(ADDRESS, body, content_type="application/json", headers=headers)


GOOD = {"id": "g-1", "from": "(503) 555-0101", "body": "hello"}


def test_kept_with_the_number_as_we_store_numbers() -> None:
    assert send(GOOD).status_code == 200
    assert list(InboundText.objects.values_list("gateway_id", "from_number", "body")) == [
        ("g-1", "+15035550101", "hello")
    ]


def test_a_repetition_is_kept_once_and_answered_alike() -> None:
    assert [send(GOOD).json(), send(GOOD).json()] == [{"kept": True}] * 2
    assert InboundText.objects.count() == 1


@pytest.mark.parametrize("token", [None, "", "wrong", "demo-inbound-tokenx", "é" * 18])
def test_without_our_token_there_is_no_such_page(token: str | None) -> None:
    assert send(GOOD, token).status_code == 404
    assert InboundText.objects.count() == 0


def test_no_token_set_no_door(settings: Any) -> None:
    settings.TEXT_INBOUND_TOKEN = ""
    assert send(GOOD, "").status_code == 404


def test_only_by_post() -> None:
    assert Client().get(ADDRESS).status_code == 405


@pytest.mark.parametrize("raw", ["", "{", "\xff", "[" * 100_000, '"' + "a" * 70_000 + '"'])
def test_what_is_no_json_is_400(raw: str) -> None:
    assert send(raw, raw=True).status_code == 400


@pytest.mark.parametrize(
    "facts",
    [[], "text", None, 5, {}, {"id": "1"}, {"from": "+15035550101", "body": "x"}, {"id": 5, "from": "x"},
     {"id": "i" * 101, "from": "+15035550101"}, {"id": "\x00", "from": "+15035550101"}],
)  # fmt: skip
def test_what_says_not_enough_is_422(facts: Any) -> None:
    assert send(facts).status_code == 422
    assert InboundText.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "kept"),
    [("a\x00b", "ab"), ("\ud800x", "x"), ("y" * 5_000, "y" * 1_000), ("", ""), ("سلام 🛑", "سلام 🛑")],
)
def test_hostile_words_are_kept_as_far_as_they_can_be(body: str, kept: str) -> None:
    assert send({**GOOD, "body": body}).status_code == 200
    assert InboundText.objects.get().body == kept


def test_a_sender_that_is_no_number_is_kept_as_it_is() -> None:
    assert send({**GOOD, "from": "BANK"}).status_code == 200
    assert InboundText.objects.get().from_number == "BANK"
