"""The audit page: for the privacy officer only; filtered by ids, fifty a page, in a fixed number of queries."""

import csv
from datetime import timedelta
from io import StringIO
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind, Outcome
from clinic.audit.models import AuditEvent, AuditSeal
from tests.cast import Cast, at, client

NOBODY = "01900000-0000-7000-8000-000000000000"

pytestmark = pytest.mark.django_db
NOW = at("2026-03-02 09:00")


def shown(answer: Any) -> list[str]:
    """The rows of the page as sentences, without the reading of the audit itself."""
    return [f"{line.who} {line.did}" for line in answer.context["lines"] if line.event.what != "audit:events"]


def events(cast: Cast) -> None:
    """Four rows on four days."""
    for day, (kind, who, about, what) in enumerate([
        (Kind.READ, cast.tess, cast.ana, "chart:chart"),
        (Kind.CHANGED, cast.priya, cast.ana, "prescribing.change_dose"),
        (Kind.READ, cast.theo, cast.ben, "chart:my_day"), (Kind.SENT, None, cast.ben, "scheduling.reminder"),
    ]):  # fmt: skip
        with clock.at(NOW + timedelta(days=day)):
            audit.record(kind, by=who, patient_id=about.pk, what=what)


@pytest.mark.parametrize("path", ["/audit/", "/audit/verify/", "/audit/export/"])
@pytest.mark.parametrize("who", ["tess", "priya", "fran", "sam", "max"])
def test_nobody_else(cast: Cast, path: str, who: str) -> None:
    browser = client(getattr(cast, who))
    assert browser.post(path).status_code == 404
    assert browser.get("/audit/").status_code == 404


def test_sentences_with_names_newest_first(cast: Cast) -> None:
    events(cast)
    answer = client(cast.olga).get("/audit/")
    assert shown(answer) == [
        "The clock sent a reminder", "Theo Lund opened their day",
        "Priya Raman changed a dose", "Tess Moreno opened the chart",
    ]  # fmt: skip
    assert "Ana Quiroga, record 101" in answer.content.decode()


def test_a_row_is_told_in_plain_words_without_ids(cast: Cast) -> None:
    with clock.at(NOW):
        audit.record(Kind.READ, by=cast.fran, what="scheduling.board", detail={"site": str(uuid4()), "week": 9})
        audit.record(Kind.RETRACTED, by=cast.tess, on=cast.ana, what="notes.retract", detail={"by_hand": True})
        audit.record(Kind.CHANGED, by=cast.tess, what="somewhere.far_off", detail={"from": "in_session", "text": ""})
    lines = {line.did: line.facts for line in client(cast.olga).get("/audit/").context["lines"]}
    assert lines["opened the day board"].endswith("week 9")
    assert "site" not in lines["opened the day board"]
    assert lines["marked a note as entered in error"].endswith("patient · by hand yes")
    assert lines["changed somewhere: far off"].endswith("from in session")


def test_no_field_of_the_filter_is_called_optional(cast: Cast) -> None:
    assert "optional" not in client(cast.olga).get("/audit/").content.decode()


def test_verifying_keeps_what_was_asked_for(cast: Cast) -> None:
    """The export after it is of the same rows."""
    events(cast)
    answer = client(cast.olga).post("/audit/verify/", {"patient": str(cast.ben.pk)})
    assert shown(answer) == ["The clock sent a reminder", "Theo Lund opened their day"]
    assert answer.content.decode().count(f'name="patient" value="{cast.ben.pk}"') == 2


def test_a_refusal_says_what_and_why(cast: Cast) -> None:
    audit.refusal(by=cast.fran, patient_id=cast.ana.pk, what="scheduling:move", why="The slot is taken.")
    answer = client(cast.olga).get("/audit/")
    assert shown(answer) == ["Fran Wells was refused: the time of a booking"]
    assert "“The slot is taken.”" in answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "rows"),
    [
        ({"number": "101"}, ["Priya Raman changed a dose", "Tess Moreno opened the chart"]),
        ({"person": "theo"}, ["Theo Lund opened their day"]),
        ({"kind": "read", "number": "102"}, ["Theo Lund opened their day"]),
        ({"outcome": "refused"}, []),
        ({"since": "2026-03-03", "until": "2026-03-04"}, [
            "Theo Lund opened their day", "Priya Raman changed a dose"]),
    ],
)  # fmt: skip
def test_what_was_asked_for_and_only_ids_in_the_address(cast: Cast, typed: dict[str, str], rows: list[str]) -> None:
    events(cast)
    browser = client(cast.olga)
    if "person" in typed:
        typed = {"person": str(getattr(cast, typed["person"]).pk)}
    answer = browser.post("/audit/", typed)
    assert answer.status_code == 302
    assert set(parse_qs(urlsplit(answer["Location"]).query)) <= {
        "patient", "person", "kind", "outcome", "since", "until",
    }  # fmt: skip
    assert shown(browser.get(answer["Location"])) == rows


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"number": "999"}, "No patient has this record number"),
        ({"number": "99999999999999999999"}, "is the most"),
        ({"number": "ana"}, "whole number"),
        ({"since": "2026-03-04", "until": "2026-03-03"}, "ends before it begins"),
        ({"kind": "gossip"}, "gossip"),
        ({"person": str(uuid4())}, "not one of the available choices"),
    ],
)
def test_what_cannot_be_asked_is_said_beside_the_field(cast: Cast, typed: dict[str, str], words: str) -> None:
    answer = client(cast.olga).post("/audit/", typed)
    assert answer.status_code == 422
    assert words in answer.content.decode()


@pytest.mark.parametrize("query", ["patient=x", "before=x", f"before={NOBODY}", "kind=gossip", "since=yesterday"])
def test_a_tampered_address_finds_nothing(cast: Cast, query: str) -> None:
    assert client(cast.olga).get(f"/audit/?{query}").status_code == 404


def test_every_row_on_exactly_one_page(cast: Cast) -> None:
    """Also where many rows bear the same moment."""
    with clock.at(NOW):
        made = [audit.record(Kind.READ, by=cast.tess, what="x").pk for _ in range(120)]
    browser, address, seen = client(cast.olga), "/audit/?kind=read&since=2026-03-02&until=2026-03-02", []
    while address:
        answer = browser.get(address)
        seen.append([line.event.pk for line in answer.context["lines"]])
        address = f"/audit/?{answer.context['older']}" if answer.context["older"] else ""
    assert [len(page) for page in seen] == [50, 50, 20]
    assert sorted(pk for page in seen for pk in page) == sorted(made)


@pytest.mark.parametrize("rows", [2, 60])
def test_a_fixed_number_of_queries(cast: Cast, rows: int, bare_frame: None, django_assert_num_queries: Any) -> None:
    for number in range(rows):
        audit.record(Kind.READ, by=[cast.tess, cast.priya][number % 2], patient_id=[cast.ana, cast.ben][number % 2].pk)
    browser = client(cast.olga)
    browser.get("/audit/")
    with django_assert_num_queries(QUERIES):
        browser.get("/audit/")


QUERIES = 10  # three of the frame, the row that says it was read, six of the page


def test_reading_the_audit_is_in_the_audit(cast: Cast) -> None:
    browser = client(cast.olga)
    browser.get(f"/audit/?patient={cast.ana.pk}")
    event = AuditEvent.objects.get()
    assert (event.kind, event.actor_id, event.patient_id, event.detail) == (
        Kind.READ, cast.olga.pk, cast.ana.pk, {"patient": str(cast.ana.pk)},
    )  # fmt: skip


def test_the_export_holds_what_was_asked_for_and_is_in_the_audit(cast: Cast) -> None:
    events(cast)
    answer = client(cast.olga).post("/audit/export/", {"patient": str(cast.ana.pk), "kind": "changed"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(StringIO(b"".join(answer.streaming_content).decode())))  # type: ignore[attr-defined]
    assert [(row["person"], row["record_number"], row["what"], row["at"]) for row in rows] == [
        ("Priya Raman", "101", "prescribing.change_dose", "2026-03-03T17:00:00+00:00")
    ]
    event = AuditEvent.objects.get(kind=Kind.EXPORTED)
    assert (event.actor_id, event.patient_id, event.outcome) == (cast.olga.pk, cast.ana.pk, Outcome.DONE)


@pytest.mark.parametrize("why", ["=1+1", "+1", "-1", "@x", "\t=1"])
def test_no_cell_of_the_export_is_a_formula(cast: Cast, why: str) -> None:
    audit.refusal(by=cast.fran, patient_id=None, what="x", why=why)
    answer = client(cast.olga).post("/audit/export/", {"outcome": "refused"})
    (row,) = csv.DictReader(StringIO(b"".join(answer.streaming_content).decode(), newline=""))  # type: ignore[attr-defined]
    assert row["why"] == f"'{why}"


@pytest.mark.parametrize("path", ["/audit/verify/", "/audit/export/"])
def test_only_by_post(cast: Cast, path: str) -> None:
    assert client(cast.olga).get(path).status_code == 405


@pytest.mark.django_db(transaction=True)
def test_verification_says_what_it_found(cast: Cast) -> None:
    from tests.clinic.audit.test_sealing import without_triggers

    events(cast)
    audit.seal()
    browser = client(cast.olga)
    assert "4 links verified just now, none broken" in browser.post("/audit/verify/").content.decode()
    without_triggers("UPDATE clinic_audit_auditevent SET what = 'chart:other' WHERE what = 'chart:my_day'")
    words = browser.post("/audit/verify/").content.decode()
    position = AuditSeal.objects.get(event__what="chart:other").position
    assert f"Broken at link {position}." in words
    assert "Theo Lund opened chart: other" in words
    assert list(AuditEvent.objects.filter(what="audit.verify").values_list("detail__broken_at", flat=True)) == [
        None,
        position,
    ]
