"""The record's pages: every word kept, what each role sees, and hostile input answered in a sentence."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from clinic import clock
from clinic.audit.models import AuditEvent
from clinic.ports import load
from patients.record import actions, queries
from patients.record.models import Allergy, CareTeamMember, Condition, EmergencyAccess, Patient, PatientOpened
from tests.cast import BEGINNING, Cast, client, on_team
from tests.refused import refused_by

pytestmark = pytest.mark.django_db
NOBODY = UUID("01900000-0000-7000-8000-000000000000")


def url(name: str, *args: Any) -> str:
    return reverse(f"record:{name}", args=args)


def person(cast: Cast, **fields: Any) -> dict[str, Any]:
    """What the desk sends to register somebody."""
    known = {
        "given_name": "Zoltán", "family_name": "Kovács", "born_on": "1988-03-09", "site": cast.site.pk,
        "time_zone": "America/Los_Angeles", "channel": "none", "request_key": uuid4(),
    }  # fmt: skip
    return {**known, **fields}


def registered() -> list[str]:
    return [p.name for p in Patient.objects.filter(number__gte=1000).order_by("number")]


# --- Registering and changing -------------------------------------------------------------------------------


def test_the_desk_registers_with_the_first_team(cast: Cast) -> None:
    sent = person(cast, phone="503 555 0142", channel="text", therapist=cast.theo.pk, prescriber=cast.paul.pk)
    answer = client(cast.fran).post(url("register"), sent)
    made = Patient.objects.get(family_name="Kovács")
    assert (answer.status_code, answer["Location"]) == (302, url("desk", made.pk))
    assert [m.user for m in queries.care_team(made)] == [cast.theo, cast.paul]
    assert queries.channel(made.pk) == "text"


def test_a_repeated_submit_registers_once(cast: Cast) -> None:
    browser, sent = client(cast.fran), person(cast)
    first, second = (browser.post(url("register"), sent)["Location"] for _ in range(2))
    assert first == second
    assert registered() == ["Zoltán Kovács"]


def test_somebody_alike_is_shown_and_asked_about(cast: Cast) -> None:
    browser = client(cast.fran)
    sent = person(cast, given_name="Anna", family_name="Quirogga", born_on="1990-05-17", city="Bend")
    answer = browser.post(url("register"), sent)
    assert (answer.status_code, list(answer.context["alike"]), registered()) == (422, [cast.ana], [])
    assert b'value="Bend"' in answer.content
    assert browser.post(url("register"), {**sent, "different_person": "on"}).status_code == 302
    assert registered() == ["Anna Quirogga"]


@pytest.mark.parametrize(
    "fields",
    [
        {"given_name": ""}, {"family_name": "x" * 201}, {"given_name": "a\x00b"}, {"born_on": "0001-01-01"},
        {"born_on": "9999-99-99"}, {"born_on": "2999-01-01"}, {"site": NOBODY}, {"site": "'"}, {"phone": "9" * 39},
        {"email": "@"}, {"channel": "text"}, {"channel": "pigeon"}, {"time_zone": "Mars"}, 
        {"therapist": NOBODY}, {"contact_note": "y" * 5_000}, {"state": "XX"}, {"sex": "?"}, {"family_name": "\u202e"},
    ],
)  # fmt: skip
def test_what_cannot_be_registered_comes_back_with_every_word(cast: Cast, fields: dict[str, Any]) -> None:
    answer = client(cast.fran).post(url("register"), person(cast, city="Eugene", **fields))
    assert (answer.status_code, registered()) == (422, [])
    assert b'value="Eugene"' in answer.content
    assert b"invalid-feedback" in answer.content or b"notice-refused" in answer.content


def test_a_damaged_key_is_none(cast: Cast) -> None:
    assert client(cast.fran).post(url("register"), person(cast, request_key="x" * 500)).status_code == 302


@pytest.mark.parametrize("name", ["Q" * 200, "محمد عبد", "王", "<script>alert(1)</script>", "O’Brien & Söhne"])
def test_names_of_every_kind_go_round(cast: Cast, name: str) -> None:
    browser = client(cast.fran)
    where = browser.post(url("register"), person(cast, family_name=name))["Location"]
    page = browser.get(where).content.decode()
    assert Patient.objects.get(number__gte=1000).family_name == name
    assert "<script>alert" not in page


def edited(cast: Cast, **fields: Any) -> dict[str, Any]:
    known = {
        "given_name": "Ana", "family_name": "Quiroga", "preferred_name": "Annie", "pronouns": "she/her",
        "sex": "female", "born_on": "1990-05-17", "phone": "(503) 555-0101", "email": "ana@example.org",
        "time_zone": "America/Los_Angeles", "language": "English", "site": cast.site.pk, "channel": "none",
        "based_on": queries.fingerprint(cast.ana),
    }  # fmt: skip
    return {**known, **fields}


def test_the_desk_changes_a_person(cast: Cast) -> None:
    answer = client(cast.fran).post(url("edit", cast.ana.pk), edited(cast, city="Bend", channel="text"))
    assert answer.status_code == 302
    assert (Patient.objects.get(pk=cast.ana.pk).city, queries.channel(cast.ana.pk)) == ("Bend", "text")


def test_a_change_meanwhile_answers_409_and_keeps_the_words(cast: Cast) -> None:
    browser, sent = client(cast.fran), edited(cast, city="Salem")
    actions.change(cast.ana, by=cast.fran, city="Bend")
    answer = browser.post(url("edit", cast.ana.pk), sent)
    assert (answer.status_code, Patient.objects.get(pk=cast.ana.pk).city) == (409, "Bend")
    assert b'value="Salem"' in answer.content
    fresh = answer.context["form"]["based_on"].value()
    assert browser.post(url("edit", cast.ana.pk), {**sent, "based_on": fresh}).status_code == 302
    assert Patient.objects.get(pk=cast.ana.pk).city == "Salem"


def test_no_more_messages(cast: Cast) -> None:
    """R-RE-03: in any words, at the desk, at once."""
    actions.choose_channel(cast.ana, channel="text", by=cast.fran)
    assert client(cast.fran).post(url("stop_messages", cast.ana.pk)).status_code == 302
    assert queries.channel(cast.ana.pk) == "none"


# --- What the front desk sees --------------------------------------------------------------------------------


def test_the_desk_sees_no_clinical_word(cast: Cast) -> None:
    """R-HP-08: with allergies, conditions and facts that could leak."""
    actions.record_allergy(cast.ana, kind="ingredient", name="Penicillin", reaction="hives", by=cast.tess)
    actions.add_condition(cast.ana, code="F33.1", by=cast.priya)
    actions.record_fact(cast.ana, key="seizure", answer="yes", note="after a fall", by=cast.priya)
    secrets = ("penicillin", "hives", "depress", "f33", "seizure", "after a fall", "allerg", "risk")
    read = client(cast.tess).get(url("record", cast.ana.pk)).content.decode().lower()
    assert [word for word in secrets if word not in read] == []
    browser = client(cast.fran)
    for page in (
        browser.get(url("desk", cast.ana.pk)), browser.get(url("edit", cast.ana.pk)), browser.get(url("find")),
        browser.post(url("find"), {"q": "quiroga"}), browser.post(url("palette"), {"q": "quiroga"}),
    ):  # fmt: skip
        shown = page.content.decode().lower()
        assert (page.status_code, [word for word in secrets if word in shown]) == (200, [])


@pytest.mark.parametrize("name", ["record", "facts", "allergy", "condition", "emergency"])
def test_the_desk_meets_404_on_clinical_pages(cast: Cast, name: str) -> None:
    assert client(cast.fran).get(url(name, cast.ana.pk)).status_code == 404


# --- Finding ------------------------------------------------------------------------------------------------


def test_the_list_begins_with_who_was_opened_last(cast: Cast) -> None:
    browser = client(cast.fran)
    for minute, patient in enumerate((cast.ana, cast.ben, cast.ana)):
        with clock.at(clock.now() + timedelta(minutes=minute)):
            browser.get(url("desk", patient.pk))
    browser.get(url("desk", cast.cleo.pk), headers={"X-Tandem-Poll": "1"})
    assert [hit.patient for hit in browser.get(url("find")).context["hits"]] == [cast.ana, cast.ben]


def test_who_is_not_on_the_team_gets_a_name_a_birth_date_and_the_way_in(cast: Cast) -> None:
    page = client(cast.tess).post(url("find"), {"q": "zimmermann"}).content.decode()
    assert "Zimmermann, Ben" in page
    assert "May 17, 1990" in page
    assert url("emergency", cast.ben.pk) in page
    assert "555-0102" not in page
    assert reverse("chart:chart", args=[cast.ben.pk]) not in page


def test_similar_names_say_so(cast: Cast) -> None:
    actions.register(
        given_name="Ana", family_name="Quiroga", born_on=cast.ana.born_on.replace(year=1960), site=cast.site, by=None
    )
    assert client(cast.fran).post(url("palette"), {"q": "quiroga"}).content.decode().count("similar name") == 2


def test_searching_is_audited_without_what_was_typed(cast: Cast) -> None:
    """R-HS-04, R-HS-07."""
    client(cast.fran).post(url("find"), {"q": "quiroga"})
    event = AuditEvent.objects.get(kind="searched")
    assert (event.actor_id, event.detail, event.patient_id) == (cast.fran.pk, {"found": 1}, None)


@pytest.mark.parametrize("text", ["\x00", "\ud800", "x" * 5_000, "%" * 100, "1" * 200, "' OR 1=1 --", "\u202e" * 50])
@pytest.mark.parametrize("name", ["find", "palette"])
def test_anything_can_be_searched_for(cast: Cast, name: str, text: str) -> None:
    sent = urlencode({"q": text.encode("utf-8", "surrogatepass")})
    answer = client(cast.fran).post(url(name), sent, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in (200, 422)


def test_addresses_hold_no_search(cast: Cast) -> None:
    assert client(cast.fran).get(url("find") + "?q=quiroga").context["searched"] is False
    assert client(cast.fran).get(url("palette")).status_code == 405


# --- The tab “Record” --------------------------------------------------------------------------------------


def test_allergies_from_never_asked_to_struck_through(cast: Cast) -> None:
    browser, ana = client(cast.tess), cast.ana.pk
    assert b"Never asked." in browser.get(url("record", ana)).content
    browser.post(url("no_allergies", ana))
    assert b"none known" in browser.get(url("record", ana)).content
    browser.post(url("allergy", ana), {"name": "Latex", "kind": "substance", "reaction": "rash"})
    row = Allergy.objects.get()
    browser.post(url("in_error", ana, "allergy", row.pk), {"reason": "other patient"})
    page = browser.get(url("record", ana)).content.decode()
    assert '<span class="struck">Latex, rash</span>' in page
    assert "entered in error: other patient" in page
    assert b"Never asked." in browser.get(url("record", ana)).content


def test_none_known_beside_a_list_says_why_not(cast: Cast) -> None:
    actions.record_allergy(cast.ana, kind="substance", name="Latex", by=cast.tess)
    answer = client(cast.tess).post(url("no_allergies", cast.ana.pk))
    assert (answer.status_code, b"Allergies are listed" in answer.content) == (422, True)


def test_a_condition_is_searched_chosen_and_added(cast: Cast) -> None:
    browser, address = client(cast.priya), url("condition", cast.ana.pk)
    found = browser.post(address, {"q": "gad", "find": "1"})
    assert (found.status_code, b"F41.1" in found.content) == (200, True)
    fragment = browser.post(url("codes", cast.ana.pk), {"q": "gad"}, headers={"HX-Request": "true"})
    assert b"F41.1" in fragment.content
    assert b"<html" not in fragment.content
    none = browser.post(address, {"q": "gad"})
    assert (none.status_code, b'value="gad"' in none.content) == (422, True)
    assert browser.post(address, {"q": "gad", "code": "F41.1", "since": "2024-05-06"}).status_code == 302
    assert [c.code for c in Condition.objects.all()] == ["F41.1"]


@pytest.mark.parametrize("code", ["F33", "nonsense", "\x00", "x" * 9_000])
def test_codes_that_may_not_be_added(cast: Cast, code: str) -> None:
    answer = client(cast.priya).post(url("condition", cast.ana.pk), {"q": "mdd", "code": code})
    assert (answer.status_code, Condition.objects.count(), b'value="mdd"' in answer.content) == (422, 0, True)


def test_a_condition_ends_on_its_page(cast: Cast) -> None:
    row = actions.add_condition(cast.ana, code="F41.1", by=cast.priya)
    browser, address = client(cast.priya), url("ended", cast.ana.pk, row.pk)
    assert browser.post(address, {"on": "2999-01-01"}).status_code == 422
    assert browser.post(address, {"on": "2025-03-02"}).status_code == 302
    assert client(cast.paul).post(address, {"on": "2025-03-02"}).status_code == 404


def test_medical_facts_are_asked_on_one_page(cast: Cast) -> None:
    browser, address = client(cast.priya), url("facts", cast.ana.pk)
    assert browser.post(address, {"kidney": "yes", "kidney_note": "eGFR 48", "liver": "no"}).status_code == 302
    known = {f.key: f.answer.answer for f in queries.facts(cast.ana.pk) if f.answer}
    assert known == {"kidney": "yes", "liver": "no"}
    kept = browser.post(address, {"kidney": "perhaps", "liver_note": "kept words"})
    assert (kept.status_code, b"kept words" in kept.content) == (422, True)


def test_what_was_answered_no_is_folded_behind_what_was_not(cast: Cast) -> None:
    """First yes and not sure, then what nobody asked; a “no” with a note stays in sight."""
    for key, said, note in [
        ("pregnant", "no", ""), ("liver", "no", "tested in May"), ("kidney", "unsure", ""), ("alcohol", "yes", ""),
        ("asthma", "no", ""),
    ]:  # fmt: skip
        actions.record_fact(cast.ana, key=key, answer=said, note=note, by=cast.priya)
    page = client(cast.tess).get(url("record", cast.ana.pk))
    shown = [fact.key for fact in page.context["facts"]]
    assert (sorted(shown[:3]), "breastfeeding" in shown[3:]) == (["alcohol", "kidney", "liver"], True)
    assert [fact.key for fact in page.context["answered_no"]] == ["pregnant", "asthma"]
    assert "2 answered “no”" in page.content.decode()


@pytest.mark.parametrize("kind", ["allergy", "condition", "fact", "patient"])
def test_rows_of_other_patients_are_not_there(cast: Cast, kind: str) -> None:
    rows = {
        "allergy": actions.record_allergy(cast.ben, kind="substance", name="Latex", by=cast.theo),
        "condition": actions.add_condition(cast.ben, code="F41.1", by=cast.theo),
        "fact": actions.record_fact(cast.ben, key="liver", answer="no", by=cast.paul),
        "patient": cast.ana,
    }
    answer = client(cast.tess).post(url("in_error", cast.ana.pk, kind, rows[kind].pk), {"reason": "wrong chart"})
    assert answer.status_code == 404


def test_what_is_in_error_already_says_so(cast: Cast) -> None:
    row = actions.record_allergy(cast.ana, kind="substance", name="Latex", by=cast.tess)
    actions.retract(row, reason="other patient", by=cast.tess)
    for answer in (
        client(cast.tess).get(url("in_error", cast.ana.pk, "allergy", row.pk)),
        client(cast.tess).post(url("in_error", cast.ana.pk, "allergy", row.pk), {"reason": "again"}),
    ):
        assert (answer.status_code, b"entered in error already" in answer.content) == (422, True)


# --- The care team -----------------------------------------------------------------------------------------


def test_the_desk_puts_the_first_clinician_on_the_team(cast: Cast) -> None:
    answer = client(cast.fran).post(url("team", cast.cleo.pk), {"user": cast.theo.pk, "role": "therapist"})
    assert (answer.status_code, answer["Location"]) == (302, url("desk", cast.cleo.pk))
    assert [m.user for m in queries.care_team(cast.cleo)] == [cast.theo]


def test_the_team_names_a_cover_until_a_days_end(cast: Cast) -> None:
    browser, address = client(cast.tess), url("team", cast.ana.pk)
    assert browser.post(address, {"user": cast.theo.pk, "role": "cover"}).status_code == 422
    until = clock.today("America/Los_Angeles") + timedelta(days=3)
    assert browser.post(address, {"user": cast.theo.pk, "role": "cover", "until": until}).status_code == 302
    ends = CareTeamMember.objects.get(role="cover").ends_at
    assert ends is not None
    assert ends.astimezone(cast.site.zone).date() == until + timedelta(days=1)


def test_an_emergency_does_not_open_the_team(cast: Cast) -> None:
    """R-HS-02: else an hour would become for ever."""
    actions.open_in_emergency(cast.cleo, reason="crisis call at night", by=cast.tess)
    answer = client(cast.tess).post(url("team", cast.cleo.pk), {"user": cast.tess.pk, "role": "therapist"})
    assert (answer.status_code, queries.care_team(cast.cleo)) == (422, [])


def test_who_leaves_the_team_loses_the_page(cast: Cast) -> None:
    member, browser = CareTeamMember.objects.get(patient=cast.ana, user=cast.tess), client(cast.tess)
    assert browser.post(url("leave", cast.ana.pk, member.pk))["Location"] == url("find")
    assert browser.get(url("record", cast.ana.pk)).status_code == 404


def test_members_of_another_patient_are_not_there(cast: Cast) -> None:
    other = CareTeamMember.objects.get(patient=cast.ben, user=cast.theo)
    assert client(cast.tess).post(url("leave", cast.ana.pk, other.pk)).status_code == 404


# --- Emergencies -------------------------------------------------------------------------------------------


def test_an_emergency_says_what_happens_asks_why_and_opens(cast: Cast) -> None:
    browser, address = client(cast.theo), url("emergency", cast.cleo.pk)
    assert b"60 minutes" in browser.get(address).content
    short = browser.post(address, {"reason": "urgent"})
    assert (short.status_code, b">\nurgent</textarea>" in short.content) == (422, True)
    assert browser.get(url("record", cast.cleo.pk)).status_code == 404
    opened = browser.post(address, {"reason": "crisis call, nobody reached"})
    assert opened["Location"] == reverse("chart:chart", args=[cast.cleo.pk])
    assert browser.get(url("record", cast.cleo.pk)).status_code == 200
    with clock.at(clock.now() + timedelta(minutes=61)):
        fresh = client(cast.theo)
        assert fresh.get(url("record", cast.cleo.pk)).status_code == 404


def test_the_privacy_officer_reviews(cast: Cast) -> None:
    opening = actions.open_in_emergency(cast.cleo, reason="crisis call, nobody reached", by=cast.theo)
    browser = client(cast.olga)
    assert b"crisis call, nobody reached" in browser.get(url("emergencies")).content
    assert browser.post(url("review", opening.pk)).status_code == 302
    assert EmergencyAccess.objects.get().reviewed_by == cast.olga
    assert client(cast.theo).get(url("emergencies")).status_code == 404
    assert browser.post(url("review", NOBODY)).status_code == 404


# --- For every page ----------------------------------------------------------------------------------------


def plain(answer: Any) -> bytes:
    """The page without what differs in every answer: the token against forgery, and the address that was asked for."""
    asked = answer.wsgi_request.path.encode()
    return re.sub(rb"[A-Za-z0-9]{64}", b"token", answer.content).replace(asked, b"address")


@pytest.mark.parametrize("name", ["record", "desk", "facts", "allergy", "condition", "team"])
def test_unknown_and_forbidden_are_the_same_page(cast: Cast, name: str) -> None:
    browser = client(cast.tess)
    forbidden, unknown = browser.get(url(name, cast.ben.pk)), browser.get(url(name, NOBODY))
    assert (forbidden.status_code, unknown.status_code) == (404, 404)
    assert plain(forbidden) == plain(unknown)
    assert b"Ben" not in forbidden.content


def test_one_opening_is_one_row(cast: Cast) -> None:
    """R-HS-04: one a page; fragments and polling write none."""
    browser, address = client(cast.tess), url("record", cast.ana.pk)
    reads = AuditEvent.objects.filter(kind="read", patient_id=cast.ana.pk, actor_id=cast.tess.pk)
    browser.get(address)
    assert [row.what for row in reads] == ["record:record"]
    browser.get(address, headers={"HX-Request": "true"})
    browser.get(address, headers={"X-Tandem-Poll": "1"})
    browser.get(url("record", cast.ben.pk))
    assert reads.count() == 1
    assert AuditEvent.objects.filter(kind="read", patient_id=cast.ben.pk).count() == 0


@pytest.fixture
def alone(settings: Any) -> Iterator[None]:
    """Without what other rooms add to the strip and the top bar, whose queries are theirs to count."""
    settings.STRIP_PARTS = ["patients.record.panels.allergies", "patients.record.panels.care_team"]
    settings.NAV_COUNTS = []
    load.cache_clear()
    yield
    load.cache_clear()


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    ("who", "name", "method", "number"),
    [("tess", "record", "get", 18), ("fran", "desk", "get", 11), ("fran", "find", "post", 6)],
)
def test_a_page_asks_as_often_whatever_it_shows(
    cast: Cast, who: str, name: str, method: str, number: int, django_assert_num_queries: Any
) -> None:
    for key in ("kidney", "liver", "seizure"):
        actions.record_fact(cast.ana, key=key, answer="no", by=cast.priya)
    for substance in ("Latex", "Nuts", "Eggs"):
        actions.record_allergy(cast.ana, kind="substance", name=substance, by=cast.tess)
    for code in ("F33.1", "F41.1", "F43.10"):
        actions.add_condition(cast.ana, code=code, by=cast.priya)
    browser: Client = client(getattr(cast, who))
    args = [] if name == "find" else [cast.ana.pk]
    browser.get(url(name, *args))
    with django_assert_num_queries(number):
        answer = getattr(browser, method)(url(name, *args), {"q": "5/17/1990"} if method == "post" else {})
    assert answer.status_code == 200


def test_who_opened_what_is_kept_once(cast: Cast) -> None:
    made = {"user": cast.tess, "patient": cast.ana, "opened_at": BEGINNING}
    PatientOpened.objects.create(**made)
    with refused_by("opened_once_per_person"):
        PatientOpened.objects.create(**made)


def test_the_team_is_seen_by_its_members_only(cast: Cast) -> None:
    on_team(cast.cleo, cast.theo, "therapist")
    assert client(cast.theo).get(url("record", cast.cleo.pk)).status_code == 200
    assert client(cast.tess).get(url("record", cast.cleo.pk)).status_code == 404
