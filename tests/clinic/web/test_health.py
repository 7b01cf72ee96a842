"""The health page: one word for strangers."""

from typing import Any

import pytest
from django.test import Client


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("asked", ["", "?format=json", "?format=rss"])
def test_well(asked: str) -> None:
    answer = Client().get(f"/health/{asked}")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db(transaction=True)
def test_without_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    from health_check.checks import Cache

    def fails(self: Any) -> None:
        raise OSError("redis://secret-host")

    monkeypatch.setattr(Cache, "run", fails)
    answer = Client().get("/health/")
    assert (answer.status_code, answer.content) == (503, b"not ok\n")
