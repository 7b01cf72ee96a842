"""A pharmacy asks by SCRIPT: the same row as by telephone, once, with nobody guessed; and the answer that it gets."""

import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from lxml import etree

from clinic import clock
from clinic.audit.models import AuditEvent
from clinic.outbox import actions as outbox
from clinic.outbox.results import Undeliverable
from clinic.refusal import Refused
from medications.pharmacies import actions as pharmacies
from medications.pharmacies import backends, script
from medications.pharmacies.models import InboundMessage, Pharmacy, RenewalAnswer, Transmission
from medications.prescribing import actions as prescribing
from medications.prescribing.models import DoseOrder
from medications.refills import actions, pages
from medications.refills.models import PharmacyAsk, RefillRequest
from patients.inbox.models import Task
from tests.cast import Cast, client
from tests.medications.pharmacies.given import DETAILS, chosen, ncpdp, pharmacy, way
from tests.medications.prescribing.given import Whatever, regimen, supply
from tests.medications.refills.given import WHY, all_clear, answer, day, moment, running_out


@pytest.fixture(autouse=True)
def folders(settings: Any, tmp_path: Path) -> Path:
    settings.PRESCRIPTION_FILES = str(tmp_path / "out")
    settings.PRESCRIPTION_INBOX = str(tmp_path / "in")
    (tmp_path / "in").mkdir()
    return tmp_path


@pytest.fixture
def row(cast: Cast) -> Transmission:
    """Sertraline for thirty days, gone to the pharmacy that Ana prefers."""
    with clock.at(moment(0, "09:00")):
        chosen(cast)
    return left(running_out(cast.ana, cast.priya))


def left(order: DoseOrder) -> Transmission:
    with clock.at(moment(0, "10:00")):
        outbox.deliver_due()
    return way(order)


def request_of(row: Transmission, **more: Any) -> bytes:
    """A request for it, as a pharmacy's system writes one."""
    said = {
        "id": "7f3a9c", "sender": DETAILS["ncpdp_id"], "order": row.pk.hex, "born": row.patient.born_on.isoformat(),
        "kind": "RxRenewalRequest", "relates": "", "head": "", **more,
    }  # fmt: skip
    return f"""{said["head"]}<Message xmlns="http://www.ncpdp.org/schema/SCRIPT" TransactionVersion="2023011">
      <Header><To Qualifier="D">1234567893</To><From Qualifier="P">{said["sender"]}</From>
        <MessageID>{said["id"]}</MessageID>{said["relates"]}<SentTime>2026-03-05T09:00:00Z</SentTime>
        <RxReferenceNumber>4471207</RxReferenceNumber><PrescriberOrderNumber>{said["order"]}</PrescriberOrderNumber>
      </Header><Body><{said["kind"]}><Patient><HumanPatient><Name><LastName>Someone</LastName></Name>
        <DateOfBirth><Date>{said["born"]}</Date></DateOfBirth></HumanPatient></Patient></{said["kind"]}></Body>
      </Message>""".encode()


def put(folders: Path, content: bytes, name: str = "a.xml") -> None:
    (folders / "in" / name).write_bytes(content)


def read_in(on: int = 3) -> dict[str, int]:
    with clock.at(moment(on)):
        return {name: number for name, number in pharmacies.read_in().items() if number}


def test_it_becomes_the_row_of_a_pharmacy_that_asks_recorded_by_nobody(
    cast: Cast, row: Transmission, folders: Path
) -> None:
    put(folders, request_of(row))
    assert read_in() == {"asked": 1}
    ask = PharmacyAsk.objects.get()
    assert (ask.via, ask.recorded_by, ask.words, ask.asked_on) == ("network", None, "Rx 4471207", day(3))
    assert (ask.request.source, ask.request.state, answer(ask.request, "order")) == (
        "pharmacy",
        "requested",
        "in_order",
    )
    assert Task.objects.get(kind="refills.desk").for_user == cast.priya
    assert list(AuditEvent.objects.filter(object_id=ask.pk).values_list("what", "actor_id")) == [
        ("refills.renewal_asked", None)
    ]
    with clock.at(moment(4)):
        page = client(cast.priya).get("/refills/").content.decode()
    assert "asks</b> by a message" in page
    assert "Tandem is not connected to an e-prescribing network" in page


def test_read_twice_it_is_one(row: Transmission, folders: Path) -> None:
    put(folders, request_of(row))
    read_in()
    put(folders, request_of(row), "again.xml")
    assert read_in() == {"known": 1}
    assert (InboundMessage.objects.count(), PharmacyAsk.objects.count(), RefillRequest.objects.count()) == (1, 1, 1)
    assert list((folders / "in").glob("*.xml")) == []
    assert len(list((folders / "in" / "taken").iterdir())) == 2


def test_killed_before_it_was_put_aside_the_next_run_finds_the_row(
    row: Transmission, folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folders, request_of(row))
    with monkeypatch.context() as patched:
        patched.setattr(backends.FileAndPrinter, "put_aside", lambda *_: 1 / 0)
        assert read_in() == {"asked": 1, "failed": 1}
    assert read_in() == {"known": 1}
    assert PharmacyAsk.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_take_it_in_once(cast: Cast, row: Transmission) -> None:
    content, said = request_of(row), []
    gate = threading.Barrier(2)

    def worker() -> None:
        try:
            gate.wait(5)
            with clock.at(moment(3)):
                said.append(pharmacies.take_in(content))
        finally:
            connection.close()

    threads = [threading.Thread(target=worker) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(said) == ["asked", "known"]
    assert (InboundMessage.objects.count(), PharmacyAsk.objects.count()) == (1, 1)


def test_a_number_that_comes_again_with_other_words_is_for_a_person(row: Transmission, folders: Path) -> None:
    put(folders, request_of(row))
    put(folders, request_of(row, born="1990-01-01"), "b.xml")
    assert read_in() == {"asked": 1, "to_clear": 1}
    assert InboundMessage.objects.exclude(why="").get().why == "Its number came before, with other words."


BOMB = '<!DOCTYPE Message [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
FILE = '<!DOCTYPE Message [<!ENTITY a SYSTEM "file:///etc/hostname">]>'


NO_TYPES = "It cannot be read as a message. It brings a document type, which no message has."


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"sender": "3899026"}, "Its sender is no pharmacy of the list."),
        ({"sender": "1"}, "It cannot be read as a message. Its From is not as such a number is written."),
        ({"order": "0" * 32}, "It names no prescription of ours by its number."),
        ({"order": "4471207"}, "It names no prescription of ours by its number."),
        ({"order": ""}, "It names no prescription of ours by its number."),
        (
            {"relates": "<RelatesToMessageID>01890000000070008000000000000000</RelatesToMessageID>"},
            "It names no prescription of ours by its number.",
        ),
        ({"born": "1990-01-01"}, "The birth date in it is not that of the patient of the prescription it names."),
        ({"born": "soon"}, "It cannot be read as a message. Its DateOfBirth is no day."),
        ({"kind": "RxFill"}, "It is no request for a renewal but RxFill, which is not read here."),
        ({"id": ""}, "It cannot be read as a message. Its MessageID is not as such a number is written."),
        ({"id": "x" * 36}, "It cannot be read as a message. Its MessageID is not as such a number is written."),
        ({"id": "<b/>"}, "It cannot be read as a message. Its MessageID is not as such a number is written."),
        ({"head": BOMB}, NO_TYPES), ({"head": BOMB, "born": "&b;"}, NO_TYPES), ({"head": FILE, "id": "&a;"}, NO_TYPES),
        ({"head": "x"}, "It cannot be read as a message. It is no well-formed XML."),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_for_a_person_and_nobody_is_guessed(
    row: Transmission, folders: Path, more: dict[str, str], why: str
) -> None:
    put(folders, request_of(row, **more))
    assert read_in() == {"to_clear": 1}
    found = InboundMessage.objects.get()
    assert (found.why, found.patient, found.transmission) == (why, None, None)
    assert not PharmacyAsk.objects.exists()
    tasks = Task.objects.filter(kind="pharmacies.unmatched", done_at=None)
    assert sorted(tasks.filter(patient=None).values_list("for_role", flat=True)) == ["front_desk", "prescriber"]


@pytest.mark.parametrize("content", [b"", b"\x00\xff", b"<Message/>", b"<a><Header/><Body/></a>"])
def test_what_is_no_message_is_for_a_person(row: Transmission, folders: Path, content: bytes) -> None:
    put(folders, content)
    assert read_in() == {"to_clear": 1}


def test_what_is_too_large_or_no_plain_file_is_for_a_person_each(row: Transmission, folders: Path) -> None:
    large = request_of(row) + b" " * (256 * 1024)
    put(folders, large)
    (folders / "in" / "b.xml").symlink_to(folders / "nothing")
    assert read_in() == {"to_clear": 2}
    assert [one.why[-34:] for one in InboundMessage.objects.all()] == ["It is too large, or no plain file."] * 2
    assert read_in() == {}
    with pytest.raises(script.Unreadable, match="too large"):
        script.read(large)


def test_a_link_is_not_followed(row: Transmission, folders: Path) -> None:
    (folders / "elsewhere").write_bytes(request_of(row))
    (folders / "in" / "b.xml").symlink_to(folders / "elsewhere")
    assert read_in() == {"to_clear": 1}
    assert not PharmacyAsk.objects.exists()


def test_one_that_went_to_another_pharmacy_is_for_a_person(cast: Cast, row: Transmission, folders: Path) -> None:
    pharmacy(cast.max, name="Kestrel Apothecary", ncpdp_id=ncpdp("389903"), phone="503-555-0175")
    put(folders, request_of(row, sender=ncpdp("389903")))
    assert read_in() == {"to_clear": 1}
    assert InboundMessage.objects.get().why == "The prescription that it names did not go to this pharmacy."


def test_what_is_not_in_force_any_more_goes_to_the_prescriber(cast: Cast, row: Transmission, folders: Path) -> None:
    with clock.at(moment(2)):
        prescribing.hold(row.authorisation.prescription, reason="Rash.", by=cast.priya)
    put(folders, request_of(row))
    assert read_in() == {"to_clear": 1}
    found = InboundMessage.objects.get()
    assert (found.transmission, found.why[:24]) == (row, "No dose of this is in fo")
    task = Task.objects.get(kind="pharmacies.refused")
    assert (task.for_user, task.patient, task.object_id) == (cast.priya, cast.ana, row.pk)
    with clock.at(moment(4)):
        pharmacies.cleared(found, words="Told by telephone: on hold.", by=cast.priya)
    assert not Task.objects.filter(kind="pharmacies.refused", done_at=None).exists()


# --- the answer ---------------------------------------------------------------------------


def asked(row: Transmission, folders: Path) -> RefillRequest:
    put(folders, request_of(row))
    read_in()
    return PharmacyAsk.objects.get().request


def answered(folders: Path, on: int = 4) -> tuple[str, str, str]:
    """What was written for the pharmacy: the verdict, its words, the message that it answers."""
    with clock.at(moment(on, "09:01")):
        outbox.deliver_due()
    [path] = (folders / "out").glob("*-renewal-response.xml")
    root = etree.fromstring(path.read_bytes())
    verdict = root.find("Body/RxRenewalResponse/Response")[0]
    words = " ".join(one.text for one in verdict)
    return verdict.tag, words, root.findtext("Header/RelatesToMessageID")


def approved(request: RefillRequest, cast: Cast, **more: Any) -> RefillRequest:
    all_clear(cast)
    with clock.at(moment(4)):
        return actions.approve(request, reasons=WHY, by=cast.priya, **more)


def test_approved_as_it_was(cast: Cast, row: Transmission, folders: Path) -> None:
    done = approved(asked(row, folders), cast)
    assert answered(folders) == ("Approved", "", "7f3a9c")
    made = RenewalAnswer.objects.get()
    assert (made.state, made.how, made.asked_by) == ("sent", "written to a file", cast.priya)
    assert made.transmission == Transmission.objects.get(authorisation=done.authorisation)
    assert AuditEvent.objects.filter(what="pharmacies.answer", object_id=made.pk).count() == 1


def test_approved_with_another_supply(cast: Cast, row: Transmission, folders: Path) -> None:
    approved(asked(row, folders), cast, supply=supply(14, 14))
    assert answered(folders)[0] == "ApprovedWithChanges"


def test_declined_the_words_for_the_team_stay_here(cast: Cast, row: Transmission, folders: Path) -> None:
    request = asked(row, folders)
    with clock.at(moment(4)):
        said = client(cast.priya).post(
            f"/refills/{cast.ana.pk}/{request.pk}/",
            {"do": "decline", "reason": "Hoards tablets.", "told_patient": "Please call."}, follow=True,
        )  # fmt: skip
    assert "The pharmacy’s message is answered when it leaves." in said.content.decode()
    assert "Tell who asked" not in said.content.decode()
    tag, words, _ = answered(folders)
    assert (tag, "Hoards" in words, words != "") == ("Denied", False, True)


def test_what_goes_another_way_is_no_approval(cast: Cast, row: Transmission, folders: Path) -> None:
    request = asked(row, folders)
    with clock.at(moment(4)):
        other = pharmacy(cast.max, name="Kestrel Apothecary", ncpdp_id=ncpdp("389903"), phone="503-555-0175")
        pharmacies.choose(cast.ana, pharmacy=other, by=cast.fran)
    approved(request, cast)
    assert answered(folders)[0] == "DeniedNewPrescriptionToFollow"


def test_a_controlled_substance_is_answered_by_a_new_one_of_the_module(cast: Cast, folders: Path) -> None:
    """R-RX-06: Tandem approves none over a network."""
    with clock.at(moment(0, "09:00")):
        chosen(cast)
    row = left(running_out(cast.ana, cast.priya, regimen=regimen("clonazepam", "0.5")))
    with clock.at(moment(1)):
        pharmacies.module_sent(row, number="CM-1", by=cast.priya)
    request = asked(Transmission.objects.get(pk=row.pk), folders)
    approved(request, cast)
    assert answered(folders)[0] == "DeniedNewPrescriptionToFollow"


def test_undone_before_it_left_nothing_is_answered_and_it_waits_again(
    cast: Cast, row: Transmission, folders: Path
) -> None:
    done = approved(asked(row, folders), cast)
    with clock.at(moment(4)):
        pharmacies.undo(Transmission.objects.get(authorisation=done.authorisation), by=cast.priya)
        outbox.deliver_due()
    with clock.at(moment(4, "09:05")):
        outbox.deliver_due()
        [line] = pages.lines(cast.priya, day(4))
    assert (RenewalAnswer.objects.get().state, list(folders.glob("out/*.xml"))) == ("undone", [])
    assert [ask.via for ask in line.asks] == ["network"]
    with clock.at(moment(5)):
        actions.approve(line.request, reasons=WHY, by=cast.priya)
    assert answered(folders, 5)[0] == "Approved"


def test_a_supply_that_was_signed_otherwise_answers_it(cast: Cast, row: Transmission, folders: Path) -> None:
    asked(row, folders)
    with clock.at(moment(4)):
        prescribing.authorise(row.authorisation.prescription, supply=supply(), by=cast.priya)
    with clock.at(moment(5, "03:00")):
        outbox.deliver_due()
        assert actions.open_due()["withdrawn"] == 1
    assert answered(folders, 5)[0] == "Approved"


def test_what_is_void_before_it_left_is_not_approved_but_a_person_calls(
    cast: Cast, row: Transmission, folders: Path
) -> None:
    done = approved(asked(row, folders), cast)
    with clock.at(moment(4)):
        prescribing.stop(done.prescription, reason="Rash.", answers=Whatever(), by=cast.priya)
    with clock.at(moment(4, "09:01")):
        outbox.deliver_due()
    assert (RenewalAnswer.objects.get().state, list(folders.glob("out/*.xml"))) == ("failed", [])
    assert Task.objects.get(kind="pharmacies.unanswered").for_user == cast.priya


def test_what_cannot_be_written_is_told_by_a_person(
    cast: Cast, row: Transmission, folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved(asked(row, folders), cast)

    def no(*_: Any) -> None:
        raise Undeliverable("The line is dead.")

    monkeypatch.setattr(backends.FileAndPrinter, "answer", no)
    with clock.at(moment(4, "09:01")):
        outbox.deliver_due()
    assert RenewalAnswer.objects.get().failed_why == "The line is dead."
    assert Task.objects.get(kind="pharmacies.unanswered").urgent


# --- the list and the command -------------------------------------------------------------


def test_the_list_says_why_and_is_cleared_with_words(cast: Cast, row: Transmission, folders: Path) -> None:
    put(folders, request_of(row, born="1990-01-01"))
    read_in()
    found = InboundMessage.objects.get()
    with clock.at(moment(4)):
        fran = client(cast.fran)
        page = fran.get("/pharmacies/messages/").content.decode()
        assert "The birth date in it is not that of the patient" in page
        assert "Alderfinch Pharmacy, (503) 555-0171" in page
        assert "not connected to an e-prescribing network" in page
        for secret in ("Sertraline", "sertraline", "Someone", cast.ana.family_name):
            assert secret not in page.replace(cast.fran.name, "")
        address = f"/pharmacies/messages/{found.pk}/"
        assert fran.post(address, {"reason": " "}).status_code == 422
        assert client(cast.tess).post(address, {"reason": "x"}).status_code == 404
        page = fran.post(address, {"reason": "Wrong patient, they send it again."}, follow=True).content.decode()
        assert "Nothing waits here." in page
        assert fran.post(address, {"reason": "Again."}).status_code == 422
    assert not Task.objects.filter(kind="pharmacies.unmatched", done_at=None).exists()


def test_what_waits_at_the_desk_is_not_cleared_here(cast: Cast, row: Transmission, folders: Path) -> None:
    asked(row, folders)
    with pytest.raises(Refused, match="Decide it there"):
        pharmacies.cleared(InboundMessage.objects.get(), words="x", by=cast.priya)


def test_the_command(row: Transmission, folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(folders, request_of(row))
    with clock.at(moment(3)):
        call_command("read_pharmacy_messages")
    assert capsys.readouterr().out.startswith("1 asked at the refill desk, 0 to be cleared")


# --- the database refuses -----------------------------------------------------------------


def refused(name: str, model: Any, **fields: Any) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        model.objects.create(**fields)


@pytest.mark.parametrize(
    "change", [{"via": "person"}, {"recorded_by": True}, {"message": None}, {"via": "network", "x": 1}]
)
def test_recorded_by_nobody_exactly_when_it_came_over_the_network(
    cast: Cast, row: Transmission, folders: Path, change: dict[str, Any]
) -> None:
    request = asked(row, folders)
    given = {
        "request": request, "patient": cast.ana, "pharmacy": Pharmacy.objects.get(), "asked_on": day(3),
        "recorded_at": moment(3), "via": "network", "message": InboundMessage.objects.get(), "recorded_by": None,
    }  # fmt: skip
    if change.pop("x", None):
        refused("pharmacy_message_once_a_request", PharmacyAsk, **given)
        return
    if change.get("recorded_by"):
        change = {"recorded_by": cast.tess}
    refused("pharmacy_asks_by_person_or_network", PharmacyAsk, **given | change)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("message_once", {"message_id": "7f3a9c", "sender": DETAILS["ncpdp_id"]}),
        ("message_matched_whole", {"transmission": True, "patient": None}),
        ("message_unmatched_says_why", {"why": ""}),
        ("message_cleared_whole", {"done_words": "x"}),
    ],
)
def test_a_message_is_whole(
    cast: Cast, row: Transmission, folders: Path, name: str, change: dict[str, Any]
) -> None:  # fmt: skip
    asked(row, folders)
    given = {"sender": "", "message_id": "m", "digest": "d", "received_at": moment(3), "why": "x", **change}
    refused(name, InboundMessage, **given | ({"transmission": row} if change.get("transmission") else {}))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("answer_once_a_message", {}),
        ("answer_verdict_fits", {"state": "undone", "verdict": "Approved"}),
        ("answer_sent_whole", {"state": "undone", "how": "x"}),
        ("answer_sent_at_a_time", {"state": "undone", "how": "x", "sent_at": moment(4)}),
        ("answer_failed_whole", {"state": "undone", "failed_why": "x"}),
        ("answer_failed_at_a_time", {"state": "failed", "message": None}),
    ],
)
def test_an_answer_is_whole(
    cast: Cast, row: Transmission, folders: Path, name: str, change: dict[str, Any]
) -> None:  # fmt: skip
    request = asked(row, folders)
    message = InboundMessage.objects.get()
    if "message" in change:
        change.pop("message")
    else:
        with clock.at(moment(4)):
            actions.decline(request, reason="x", told_patient="x", by=cast.priya)
    given = {"message": message, "patient": cast.ana, "verdict": "Denied", "asked_at": moment(4), **change}
    refused(name, RenewalAnswer, **given)
