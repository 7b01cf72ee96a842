"""Recording an injection: what it cannot do without, what it refuses, that it is kept once."""

from typing import Any

import pytest

from clinic import clock
from clinic.audit.models import AuditEvent
from clinic.refusal import Refused
from medications.injections import actions
from medications.injections.models import Injection
from medications.prescribing import actions as prescribing
from patients.timeline.models import Entry
from tests.cast import Cast
from tests.medications.injections.given import day, given, moment, ordered
from tests.medications.prescribing.given import Whatever, started


def test_it_stands_in_timeline_and_audit(cast: Cast) -> None:
    row = given(ordered(cast), by=cast.priya, words="Sore for a day.")
    entry = Entry.objects.get(object_id=row.pk)
    assert (entry.label, entry.url_name) == (
        "Long-acting injection given, left upper arm (deltoid)", "injections:told",
    )  # fmt: skip
    event = AuditEvent.objects.get(what="injections.record")
    assert (event.actor_id, event.patient_id, event.detail) == (cast.priya.pk, cast.ana.pk, {"what": "here"})


def test_sent_twice_it_is_kept_once(cast: Cast) -> None:
    row = ordered(cast)
    assert given(row, by=cast.priya) == given(row, by=cast.priya)
    assert Injection.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "sentence", "fields"),
    [
        ("what", "Say whether it was given.", {"what": "maybe"}),
        ("site", "Choose where it was given.", {"site": ""}),
        ("site", "Choose where it was given.", {"site": "elbow"}),
        ("lot", "Write the lot number on the package.", {"lot": " "}),
        ("words", "Write why it was not given, and what comes next.", {"what": "not_given", "site": "", "lot": ""}),
        ("on_day", "The day lies ahead. Record it once it was given.", {"on_day": day(1)}),
        ("on_day", "It starts on Mar 2; that day lies before.", {"on_day": day(-1)}),
    ],
)
def test_what_it_cannot_do_without(cast: Cast, field: str, sentence: str, fields: dict[str, Any]) -> None:
    with pytest.raises(Refused) as caught:
        given(ordered(cast), by=cast.priya, **fields)
    assert (caught.value.field, caught.value.sentence) == (field, sentence)
    assert Injection.objects.count() == 0


def test_twice_a_day_is_refused(cast: Cast) -> None:
    row = ordered(cast)
    given(row, by=cast.priya)
    with pytest.raises(Refused, match="One was given that day already"):
        given(row, by=cast.priya, lot="CD34")


def test_early_needs_its_reason(cast: Cast) -> None:
    row = ordered(cast)
    given(row, by=cast.priya)
    with clock.at(moment(14)):
        with pytest.raises(Refused, match="14 days before; the order says every 28") as caught:
            given(row, 14, by=cast.priya)
        assert caught.value.field == "words"
        given(row, 14, by=cast.priya, words="She travels for three weeks.")


def test_on_hold_none_is_given_but_that_it_was_not_may_be_said(cast: Cast) -> None:
    row = ordered(cast)
    prescribing.hold(row, reason="Fever.", by=cast.priya)
    with pytest.raises(Refused, match="It is on hold: none is given") as caught:
        given(row, by=cast.priya)
    assert caught.value.field == "what"
    given(row, by=cast.priya, what="not_given", site="", lot="", words="Fever.")


def test_the_day_of_the_hold_is_the_patients(cast: Cast) -> None:
    """At eight in the evening in Portland it is tomorrow in Greenwich."""
    row = ordered(cast)
    evening = moment(0).replace(hour=20)
    with clock.at(evening):
        prescribing.hold(row, reason="Fever.", by=cast.priya)
        with pytest.raises(Refused, match="It is on hold"):
            given(row, 0, by=cast.priya)


def test_one_told_later_stands_on_its_own_day(cast: Cast) -> None:
    row = ordered(cast)
    with clock.at(moment(5)):
        entry = Entry.objects.get(object_id=given(row, 2, by=cast.priya).pk)
    assert entry.occurred_at.astimezone(cast.ana.zone).date() == day(2)


def test_from_the_day_of_its_end_on_none_is_given(cast: Cast) -> None:
    row = ordered(cast)
    prescribing.stop(row, on=day(5), reason="Agreed.", answers=Whatever(), by=cast.priya)
    with clock.at(moment(6)):
        given(row, 4, by=cast.priya)
        with pytest.raises(Refused, match="It was stopped by that day"):
            given(row, 5, by=cast.priya, words="x")


def test_only_depots_that_are_prescribed_here(cast: Cast) -> None:
    row = started(cast.ana, by=cast.priya).prescription
    with pytest.raises(Refused, match="not a long-acting injection that is prescribed here"):
        given(row, by=cast.priya)


def test_a_therapist_records_what_is_told_and_not_what_is_given(cast: Cast) -> None:
    row = ordered(cast)
    with pytest.raises(Refused, match="Only a prescriber on the care team"):
        given(row, by=cast.tess)
    given(row, by=cast.tess, what="elsewhere", site="", lot="")


def test_nobody_outside_the_team(cast: Cast) -> None:
    row = ordered(cast)
    for stranger in (cast.theo, cast.fran):
        with pytest.raises(Refused, match="Only the care team can record this"):
            given(row, by=stranger, what="elsewhere")


def test_an_error_is_struck_once_and_leaves_the_timeline(cast: Cast) -> None:
    row = given(ordered(cast), by=cast.priya)
    with pytest.raises(Refused, match="Write what was wrong"):
        actions.retract(row, reason=" ", by=cast.priya)
    with pytest.raises(Refused, match="Only a prescriber on the care team"):
        actions.retract(row, reason="Wrong chart.", by=cast.tess)
    actions.retract(row, reason="Wrong chart.", by=cast.priya)
    assert Entry.objects.get(object_id=row.pk).retracted_at is not None
    with pytest.raises(Refused, match="marked as entered in error already"):
        actions.retract(row, reason="Again.", by=cast.priya)
