"""STOP by text (R-RE-03): honoured at once for everybody with that number, confirmed once; other words: the desk."""

import json
from typing import Any

import pytest
from django.test import Client

from clinic import clock
from clinic.outbox.models import InboundText, LocalDelivery, OutboxItem
from patients.inbox.models import Task
from patients.record.models import MessageConsent, Patient
from tests.cast import Cast, at
from tests.patients.scheduling.reminding import consent, run, visit

pytestmark = pytest.mark.django_db
pytest.importorskip("patients.record.actions")
NOON = at("2026-03-09 12:00")
CONFIRMED = "Alder Street: you will get no more messages from us. Call 503-555-0100 any time."


def text(body: str, number: str = "+15035550101", gateway_id: str = "g1") -> Any:
    """The gateway hands us a text."""
    with clock.at(NOON):
        return Client(enforce_csrf_checks=True).post(
            "/jobs/texts/in/", json.dumps({"id": gateway_id, "from": number, "body": body}),
            content_type="application/json", headers={"Authorization": "Bearer demo-inbound-token"},
        )  # fmt: skip


def live(patient: Patient) -> bool:
    return MessageConsent.objects.filter(patient=patient, revoked_at=None).exclude(channel="none").exists()


@pytest.mark.parametrize("body", ["STOP", "stop please", "Please don't text me any more", "unsubscribe", "CANCEL"])
def test_any_reasonable_wording_revokes_at_once_and_is_confirmed_once(cast: Cast, body: str) -> None:
    consent(cast.ana)
    visit(cast)
    assert text(body).status_code == 200
    assert not live(cast.ana)
    assert run(NOON) == [CONFIRMED]
    assert run("2026-03-09 14:00") == run("2026-03-11 14:00") == []


def test_for_every_patient_with_that_number(cast: Cast) -> None:
    Patient.objects.filter(pk=cast.ben.pk).update(phone="+15035550101")
    for patient in (cast.ana, cast.ben, cast.cleo):
        consent(patient)
    text("STOP")
    assert [live(patient) for patient in (cast.ana, cast.ben, cast.cleo)] == [False, False, True]
    assert len(run(NOON)) == 1


def test_the_same_delivery_twice_does_it_once(cast: Cast) -> None:
    consent(cast.ana)
    text("STOP"), text("STOP")
    assert (InboundText.objects.count(), OutboxItem.objects.count()) == (1, 1)


def test_stop_again_later_is_not_confirmed_again(cast: Cast) -> None:
    consent(cast.ana)
    text("STOP"), text("STOP", gateway_id="g2")
    run(NOON)
    assert LocalDelivery.objects.count() == 1


def test_stop_and_consent_and_stop_again(cast: Cast) -> None:
    consent(cast.ana)
    text("STOP")
    consent(cast.ana)
    text("stop", gateway_id="g2")
    assert not live(cast.ana)
    assert len(run(NOON)) == 2


def test_other_words_are_a_task_without_them(cast: Cast) -> None:
    consent(cast.ana)
    text("My lithium ran out, can somebody call me?")
    task = Task.objects.get()
    assert (task.kind, task.for_role, task.patient_id) == ("scheduling.text", "front_desk", cast.ana.pk)
    assert task.sentence == "A text came from this patient’s number. Call back and ask what is needed."
    assert live(cast.ana)
    assert OutboxItem.objects.count() == 0


def test_several_texts_of_one_patient_are_one_open_task(cast: Cast) -> None:
    text("hello"), text("anyone?", gateway_id="g2")
    assert Task.objects.count() == 1


@pytest.mark.parametrize("body", ["hello", "STOP"])
def test_an_unknown_number_is_the_desks_to_find(cast: Cast, body: str) -> None:
    text(body, number="+15035559999")
    task = Task.objects.get()
    assert (task.kind, task.patient_id) == ("scheduling.unknown_text", None)
    assert OutboxItem.objects.count() == 0


def test_a_shared_number_names_nobody(cast: Cast) -> None:
    Patient.objects.filter(pk=cast.ben.pk).update(phone="+15035550101")
    text("hello")
    assert Task.objects.get().patient_id is None


def test_not_taken_if_it_could_not_be_honoured(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gateway's repetition then starts anew."""
    import patients.record.actions as record

    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    consent(cast.ana)
    with monkeypatch.context() as patch:
        patch.setattr(record, "revoke_messages", broken)
        with pytest.raises(RuntimeError):
            text("STOP")
    assert InboundText.objects.count() == 0
    text("STOP")
    assert not live(cast.ana)
