"""The desk's pages: what they show, who may see them, what bad input gets, and that queries do not grow."""

from typing import Any

import pytest
from django.test import Client

from clinic import clock
from clinic.audit.models import AuditEvent
from clinic.ports import DayLine
from medications.prescribing import actions as prescribing
from medications.prescribing.models import Authorisation
from medications.refills import actions, panels
from medications.refills.models import RefillCall, RefillRequest
from tests.cast import Cast, client, on_team, patient
from tests.medications.prescribing.given import changed, regimen
from tests.medications.refills.given import LATER, WHY, address, all_clear, approval, moment, opened, running_out

DESK, DECIDED = "/refills/", "/refills/decided/"


@pytest.fixture
def row(cast: Cast) -> RefillRequest:
    order = running_out(cast.ana, cast.priya)
    all_clear(cast)
    return opened(order)


@pytest.fixture
def priya(cast: Cast) -> Client:
    return client(cast.priya)


def test_the_desk_shows_the_first_to_run_out_open(priya: Client, row: RefillRequest) -> None:
    page = priya.get(DESK)
    assert page.status_code == 200
    assert page.context["chosen"].request == row
    for words in (
        "Sertraline", "50\u00a0mg", "1 to decide, 1 with nothing against", "Nothing stands against it", "Apr 1",
        "Annie gets no messages", "Fills not confirmed",
    ):  # fmt: skip
        assert words in page.content.decode(), words


def test_opening_the_desk_is_a_reading_of_the_open_patient_once_r_hs_04(
    cast: Cast, priya: Client, row: RefillRequest
) -> None:
    on_team(cast.cleo, cast.priya, "prescriber")
    opened(running_out(cast.cleo, cast.priya))
    reads = AuditEvent.objects.filter(kind="read", actor_id=cast.priya.pk)
    priya.get(DESK)
    assert list(reads.values_list("patient_id", flat=True)) == [cast.ana.pk]
    priya.get(address(RefillRequest.objects.get(patient=cast.cleo)))
    assert list(reads.order_by("pk").values_list("patient_id", flat=True)) == [cast.ana.pk, cast.cleo.pk]


def test_approving_goes_on_to_the_next(cast: Cast, priya: Client, row: RefillRequest) -> None:
    on_team(cast.cleo, cast.priya, "prescriber")
    second = opened(running_out(cast.cleo, cast.priya))
    answer = priya.post(address(row), approval(refills="2"))
    assert (answer.status_code, answer["Location"]) == (302, address(second))
    row.refresh_from_db()
    assert (row.state, Authorisation.objects.get(patient=cast.ana, voided_at=None).refills) == ("approved", 2)
    answer = priya.post(address(second), {"do": "decline", "reason": "Not seen.", "told_patient": "Come in."})
    assert (answer.status_code, answer["Location"]) == (302, DESK)
    assert "Nothing waits" in priya.get(DESK).content.decode()
    assert "Not seen." in priya.get(DECIDED).content.decode()


def test_a_missing_reason_is_asked_for_in_its_finding_and_every_word_stays(cast: Cast, priya: Client) -> None:
    row = opened(running_out(cast.ana, cast.priya))
    sent = approval(quantity="45", days="44", **{"reason:seen": "Seen by telephone."})
    page = priya.post(address(row), sent)
    text = page.content.decode()
    assert page.status_code == 422
    assert page.context["form"].errors == {"reason:booked": ["Write your reason, or leave this one."]}
    assert 'value="Seen by telephone."' in text
    assert 'value="45"' in text
    assert 'aria-describedby="id_reason:booked_error"' in text
    row.refresh_from_db()
    assert row.state == "requested"
    assert (
        priya.post(address(row), {**sent, "quantity": "30", "days": "30", "reason:booked": "Monday."}).status_code
        == 302
    )


def test_another_persons_ids_are_nobodys(cast: Cast, priya: Client, row: RefillRequest) -> None:
    """The request of one patient is not found under another, nor by a prescriber of another team."""
    assert priya.get(f"/refills/{cast.ben.pk}/{row.pk}/").status_code == 404
    on_team(cast.ben, cast.priya, "prescriber")
    assert priya.get(f"/refills/{cast.ben.pk}/{row.pk}/").status_code == 404
    assert priya.post(f"/refills/{cast.ben.pk}/{row.pk}/", approval()).status_code == 404
    assert priya.get(f"/refills/{cast.ana.pk}/{cast.ana.pk}/").status_code == 404
    assert client(cast.paul).get(address(row)).status_code == 404
    assert client(cast.paul).get(DESK).context["rows"] == []


def test_only_prescribers_have_a_desk(cast: Cast, row: RefillRequest) -> None:
    for user in (cast.tess, cast.fran, cast.sam, cast.max, cast.olga):
        for path in (DESK, DECIDED, address(row)):
            assert client(user).get(path).status_code == 404, (user, path)
        assert client(user).post(address(row), approval()).status_code == 404
        assert client(user).post("/refills/renew/").status_code == 404
    row.refresh_from_db()
    assert row.state == "requested"


def test_what_the_front_desk_reads_names_no_drug_r_hp_08(cast: Cast, row: RefillRequest) -> None:
    fran, path = client(cast.fran), f"/refills/{cast.ana.pk}/ask/"
    assert path in fran.get(f"/patients/{cast.ana.pk}/desk/").content.decode()
    assert path not in client(cast.priya).get(f"/chart/{cast.ana.pk}/").content.decode()
    page = fran.get(path)
    sent = fran.post(path, {"words": "after three"}, follow=True)
    for answer in (page, sent):
        text = answer.content.decode().lower()
        assert answer.status_code == 200
        for word in ("sertraline", "50 mg", "low mood"):
            assert word not in text, word
    assert RefillCall.objects.get().words == "after three"
    assert fran.post(path, {"words": "x" * 201}).status_code == 422
    assert fran.post(f"/refills/{cast.cleo.pk}/ask/").status_code == 422
    for user in (cast.tess, cast.priya, cast.max):
        assert client(user).get(path).status_code == 404


def test_the_call_is_made_from_the_desk_and_from_the_inbox(cast: Cast, priya: Client) -> None:
    call = actions.ask_for_call(cast.ana, words="after three", by=cast.fran)
    opened(running_out(cast.ana, cast.priya))
    path = f"/refills/{cast.ana.pk}/calls/{call.pk}/"
    assert path in priya.get(DESK).content.decode()
    inbox = priya.get("/inbox/").content.decode()
    assert path in inbox
    assert f'href="{DESK}"' in inbox.split('class="lines tasks"')[1]
    assert "after three" in priya.get(path).content.decode()
    for _ in range(2):
        assert priya.post(path)["Location"] == DESK
    assert "by Priya Raman" in priya.get(path).content.decode()
    assert path not in priya.get(DESK).content.decode()
    assert client(cast.fran).get(path).status_code == 404
    assert priya.get(f"/refills/{cast.ben.pk}/calls/{call.pk}/").status_code == 404


def test_decided_meanwhile_is_409_with_one_sentence_and_what_was_typed(
    cast: Cast, priya: Client, row: RefillRequest
) -> None:
    on_team(cast.ana, cast.paul, "prescriber")
    on_team(cast.cleo, cast.priya, "prescriber")
    opened(running_out(cast.cleo, cast.priya))
    actions.approve(row, by=cast.paul)
    page = priya.post(address(row), {"do": "decline", "reason": "Seen last in May.", "told_patient": "Come in."})
    text = page.content.decode()
    assert page.status_code == 409
    assert "This was approved by Paul Adeyemi already. Reload the desk." in text
    assert "Seen last in May." in text
    assert page.context["chosen"] is None  # nobody else's request stands under the words
    assert 'id="decide"' not in text
    assert priya.get(address(row)).status_code == 200


def test_decided_while_the_form_is_on_its_way_is_409_too(
    cast: Cast, priya: Client, row: RefillRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paul signs between the page's look and Priya's signature."""
    on_team(cast.ana, cast.paul, "prescriber")
    sign = actions.approve

    def overtaken(**given: Any) -> RefillRequest:
        sign(row, by=cast.paul)
        return sign(**given)

    monkeypatch.setattr(actions, "approve", overtaken)
    page = priya.post(address(row), approval(**{"reason:seen": "Unasked."}))
    assert page.status_code == 409
    assert "This was approved by Paul Adeyemi already. Reload the desk." in page.content.decode()
    assert (page.context["chosen"], page.context["rows"]) == (None, [])


CHANGES: dict[str, Any] = {
    "held": lambda row, by: prescribing.hold(row, reason="Rash.", by=by),
    "stopped": lambda row, by: prescribing.stop(row, reason="Rash.", by=by),
    "changed": lambda row, by: changed(row, by=by),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_stale_request_is_not_offered_the_same_moment(
    cast: Cast, priya: Client, row: RefillRequest, what: str
) -> None:
    assert panels.nav_count(cast.priya) == {"refills:desk": 1}
    with clock.at(LATER):
        CHANGES[what](row.prescription, cast.priya)
        page = priya.get(DESK)
        assert (page.context["rows"], page.context["chosen"]) == ([], None)
        assert panels.nav_count(cast.priya) == {"refills:desk": 0}
        assert panels.my_day(cast.priya, LATER.date()) == []
        assert "Nothing is due here any more" in priya.get(address(row)).content.decode()
        answer = priya.post(address(row), approval(**{f"reason:{gate}": words for gate, words in WHY.items()}))
        assert answer.status_code == 409
    row.refresh_from_db()
    assert row.state == "requested"  # withdrawn by the next run


def test_schedule_ii_offers_a_new_prescription_in_place_of_a_refill_r_rx_01(cast: Cast, priya: Client) -> None:
    order = running_out(cast.ana, cast.priya, regimen=regimen("methylphenidate", 10))
    all_clear(cast)
    row = opened(order, moment(28))
    with clock.at(moment(28)):
        text = priya.get(address(row)).content.decode()
        assert "Schedule II has no refills: write a new prescription." in text
        assert 'value="approve"' not in text
        assert 'value="bridge"' not in text
        assert 'value="anew"' in text
        assert priya.post(address(row), approval()).status_code == 422
        assert priya.post(address(row), {"do": "anew", "quantity": "30", "days": "30"}).status_code == 302
    assert Authorisation.objects.get(voided_at=None).refills == 0


def test_looking_anew_opens_and_never_approves(cast: Cast, priya: Client) -> None:
    running_out(cast.ana, cast.priya)
    assert priya.post("/refills/renew/")["Location"] == DESK
    found = RefillRequest.objects.get()
    assert (found.state, found.source, found.opened_by) == ("requested", "desk", cast.priya)
    assert priya.get("/refills/renew/").status_code == 405


def test_lines_of_the_day_and_the_count_are_the_prescribers(cast: Cast, row: RefillRequest) -> None:
    assert panels.my_day(cast.priya, moment(20).date()) == []
    assert panels.my_day(cast.priya, moment(28).date()) == [
        DayLine(cast.ana.pk, "m", "A supply runs out in 2 days; the refill waits at your desk.", address(row))
    ]
    assert panels.my_day(cast.priya, moment(30).date())[0].text == (
        "A supply has run out; the refill waits at your desk."
    )
    assert (panels.my_day(cast.tess, moment(30).date()), panels.nav_count(cast.tess)) == ([], {})
    assert (panels.my_day(cast.paul, moment(30).date()), panels.nav_count(cast.paul)) == ([], {"refills:desk": 0})


@pytest.mark.parametrize("number", [5, 40])
def test_the_desk_has_a_fixed_number_of_queries(
    cast: Cast, priya: Client, django_assert_num_queries: Any, number: int
) -> None:
    for index in range(number):
        someone = patient(500 + index, f"P{index}", "Test", cast.site)
        on_team(someone, cast.priya, "prescriber")
        running_out(someone, cast.priya)
    actions.open_due()
    priya.get(DESK)
    with django_assert_num_queries(51):
        assert len(priya.get(DESK).context["rows"]) == number
    with django_assert_num_queries(6):
        priya.get(DECIDED)
    with django_assert_num_queries(1):
        assert len(panels.my_day(cast.priya, moment(30).date())) == number
    cast.priya.held_roles()
    with django_assert_num_queries(1):
        assert panels.nav_count(cast.priya) == {"refills:desk": number}
