"""What was said at a signature is kept with its answer and knowledge; going on is audited, without a drug's name."""

from datetime import timedelta

import pytest

from clinic import clock
from clinic.audit.models import AuditEvent
from clinic.refusal import Refused
from medications.prescribing import actions
from medications.prescribing.actions import Override
from medications.prescribing.models import DoseOrder, Prescription, StoredFinding
from medications.safety.knowledge import current
from patients.record.models import Allergy
from tests.cast import Cast
from tests.medications.prescribing.given import NOW, TODAY, answered, asked_everything, regimen, started, supply
from tests.medications.tapers.given import EVERYTHING


@pytest.fixture
def escitalopram(cast: Cast) -> DoseOrder:
    asked_everything(cast.ana, by=cast.priya)
    return started(cast.ana, by=cast.priya, regimen=regimen("escitalopram", 10))


@pytest.mark.parametrize(
    "answer", [None, Override("", "words only"), Override("cross_taper", " "), Override("no such code", "words")]
)
def test_a_stop_needs_a_code_and_words(cast: Cast, escitalopram: DoseOrder, answer: Override | None) -> None:
    given = {"pair:escitalopram": answer} if answer else {}
    with pytest.raises(Refused, match="one override with a reason"):
        started(cast.ana, by=cast.priya, answers=given)
    assert DoseOrder.objects.count() == 1


def test_a_stop_with_both_is_signed_and_stored(cast: Cast, escitalopram: DoseOrder) -> None:
    order = started(
        cast.ana, by=cast.priya, answers={"pair:escitalopram": Override("cross_taper", "Two weeks, then off.")}
    )
    row = StoredFinding.objects.get(order=order, level="stop")
    assert (row.override_code, row.override_words, row.rule_id) == ("cross_taper", "Two weeks, then off.", "IX-194")
    assert (row.knowledge_version, row.confidence) == (current().version, "medium")
    assert row.source != []


def test_going_on_is_audited_without_a_drug(cast: Cast, escitalopram: DoseOrder) -> None:
    started(cast.ana, by=cast.priya, answers=answered("pair:escitalopram"))
    event = AuditEvent.objects.get(kind="overrode")
    row = StoredFinding.objects.get(level="stop")
    assert event.detail == {"finding": str(row.pk), "level": "stop", "code": "benefit"}
    assert (event.actor_id, event.why) == (cast.priya.pk, "")


def test_an_ask_needs_words_alone(cast: Cast) -> None:
    actions.report(cast.ana, drug_text="tramadol", origin="outside", started_on=TODAY, by=cast.tess)
    with pytest.raises(Refused, match="one reason to write"):
        started(cast.ana, by=cast.priya)
    order = started(cast.ana, by=cast.priya, answers={"pair:tramadol": Override(words="Rarely.")})
    assert order.findings.get(level="ask").override_words == "Rarely."


def test_a_refusal_has_no_way_past(cast: Cast) -> None:
    """R-RX-01"""
    with pytest.raises(Refused, match="set refills to 0"):
        started(
            cast.ana, by=cast.priya, regimen=regimen("methylphenidate", 10), supply=supply(30, 30, 1),
            answers=answered("schedule.refills"),
        )  # fmt: skip
    assert DoseOrder.objects.count() == 0


def test_what_was_never_asked_is_stored_as_not_checked(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya)
    codes = set(order.findings.filter(level="not_checked").values_list("code", flat=True))
    assert {"allergies", "fact:pregnant", "fact:kidney", "fact:outside_medicines"} <= codes


def test_asked_and_nothing_known_stores_nothing(cast: Cast) -> None:
    asked_everything(cast.ana, by=cast.priya)
    assert list(started(cast.ana, by=cast.priya).findings.all()) == []


def test_an_allergy_stops(cast: Cast) -> None:
    asked_everything(cast.ana, by=cast.priya)
    cast.ana.allergies = "some"
    cast.ana.save()
    Allergy.objects.create(patient=cast.ana, kind="ingredient", name="Zoloft", recorded_at=NOW)
    with pytest.raises(Refused, match="one override"):
        started(cast.ana, by=cast.priya)


def test_an_allergy_entered_in_error_says_nothing(cast: Cast) -> None:
    asked_everything(cast.ana, by=cast.priya)
    Allergy.objects.create(
        patient=cast.ana, kind="ingredient", name="Zoloft", recorded_at=NOW, retracted_at=NOW,
        retracted_by=cast.priya, retracted_reason="Another patient's.",
    )  # fmt: skip
    assert started(cast.ana, by=cast.priya).daily_amount == 50


def test_another_patients_medicines_do_not_count(cast: Cast) -> None:
    started(cast.ben, by=cast.paul, regimen=regimen("escitalopram", 10))
    assert started(cast.ana, by=cast.priya).daily_amount == 50


def test_what_was_stopped_lately_still_counts(cast: Cast) -> None:
    """The checks are given what was stopped, for as long as any wash-out lasts."""
    asked_everything(cast.ana, by=cast.priya)
    began = TODAY - timedelta(days=60)
    other = actions.report(cast.ana, drug_text="phenelzine", origin="outside", started_on=began, by=cast.tess)
    actions.stop(other, on=TODAY, reason="Switched.", by=cast.tess)
    with clock.at(NOW + timedelta(days=13)), pytest.raises(Refused, match="one override") as refused:
        started(cast.ana, by=cast.priya)
    assert refused.value.field == "answer:washout:phenelzine"
    with clock.at(NOW + timedelta(days=14)):
        assert started(cast.ana, by=cast.priya).daily_amount == 50


def test_the_refusing_sentence_names_no_drug(cast: Cast, escitalopram: DoseOrder) -> None:
    with pytest.raises(Refused) as refused:
        started(cast.ana, by=cast.priya)
    assert "escitalopram" not in refused.value.sentence
    assert "sertraline" not in refused.value.sentence


def test_without_examination_or_modality_nothing_controlled_begins_r_rx_09(cast: Cast) -> None:
    with pytest.raises(Refused, match="Record the day of an examination in person, or choose in person or video"):
        started(cast.ana, by=cast.priya, drug="lorazepam", strength=1, seen="", answers=EVERYTHING)
    assert not Prescription.objects.exists()
    order = started(cast.ana, by=cast.priya, drug="lorazepam", strength=1, seen="video", answers=EVERYTHING)
    assert StoredFinding.objects.get(order=order, code="controlled.telehealth").level == "note"
