"""Every row says from which page, address and request it came; one reading a viewer, patient and request."""

from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpRequest
from django.test import RequestFactory

from clinic.audit import actions as audit
from clinic.audit.context import Where, enter
from clinic.audit.middleware import address_of
from clinic.audit.models import AuditEvent
from tests.cast import Cast, client

pytestmark = pytest.mark.django_db


def test_page_address_request_and_roles(cast: Cast) -> None:
    client(cast.olga).get("/audit/", REMOTE_ADDR="192.0.2.7")
    event = AuditEvent.objects.get(what="audit:events")
    assert (event.page, event.address, event.roles, len(event.request_id)) == (
        "audit:events", "192.0.2.7", ["privacy_officer"], 32,
    )  # fmt: skip


def test_nothing_is_left_for_the_next_request(cast: Cast) -> None:
    client(cast.olga).get("/audit/")
    row = audit.record("changed", by=None)  # type: ignore[arg-type]
    assert (row.page, row.address, row.request_id, row.roles) == ("", None, "", [])


@pytest.mark.parametrize(
    ("proxy", "remote", "forwarded", "address"),
    [
        (False, "192.0.2.7", "", "192.0.2.7"), (False, "192.0.2.7", "198.51.100.1", "192.0.2.7"),
        (True, "127.0.0.1", "203.0.113.9, 198.51.100.1", "198.51.100.1"), (True, "127.0.0.1", "", "127.0.0.1"),
        (True, "127.0.0.1", "rubbish", None), (False, "", "", None), (False, "fe80::1%eth0", "", "fe80::1"),
    ],
)  # fmt: skip
def test_the_callers_address(settings: Any, proxy: bool, remote: str, forwarded: str, address: str | None) -> None:
    settings.BEHIND_PROXY = proxy
    request: HttpRequest = RequestFactory().get("/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=forwarded)
    assert address_of(request) == address


def test_one_reading_a_request(cast: Cast) -> None:
    enter(Where(page="chart:chart"))
    try:
        for patient in (cast.ana, cast.ana, cast.ben):
            audit.read(by=cast.tess, patient_id=patient.pk)
    finally:
        enter(None)
    assert sorted(AuditEvent.objects.values_list("patient_id", "what")) == sorted(
        [(cast.ana.pk, "chart:chart"), (cast.ben.pk, "chart:chart")]
    )


def test_polling_is_no_reading(cast: Cast) -> None:
    enter(Where(page="chart:chart", polling=True))
    try:
        audit.read(by=cast.tess, patient_id=uuid4())
    finally:
        enter(None)
    assert AuditEvent.objects.count() == 0
