"""The checks keep up with typing: a fixed number of queries, however long the list (`make bench` takes the time)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from medications.prescribing import actions
from tests.cast import Cast, client
from tests.medications.prescribing.given import TODAY, product, started


@pytest.mark.usefixtures("clock_stands")
def test_the_checks_while_typing(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya)
    url = reverse("prescribing:check", kwargs={"patient_id": cast.ana.pk, "pk": order.prescription_id})
    data = {"product": str(product("sertraline", 100).pk), "q_morning": "1", "from_day": TODAY.isoformat()}
    browser, seen = client(cast.priya), []
    for drug in ("ibuprofen", "tramadol", "omeprazole", "lithium", "aspirin", "loratadine"):
        actions.report(cast.ana, drug_text=drug, origin="outside", started_on=TODAY, by=cast.tess)
        with CaptureQueriesContext(connection) as captured:
            assert browser.post(url, data, headers={"HX-Request": "true"}).status_code == 200
        seen.append(len(captured))
    assert len(set(seen[1:])) == 1
