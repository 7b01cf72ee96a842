"""What the patient said stands on the medicine until a later time or an order answers it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from uuid import UUID

import pytest

from clinic import clock
from clinic.refusal import Refused
from medications.prescribing import actions as prescribing
from medications.prescribing.models import Prescription
from medications.reconciling import actions, queries
from patients.inbox.models import Task
from patients.timeline.models import Entry
from tests.cast import Cast
from tests.medications.prescribing.given import NOW, TODAY, changed, supply
from tests.medications.reconciling.given import elsewhere, gone_through, ours

HALF = ("differently", "half a tablet")


def standing(cast: Cast) -> dict[UUID, tuple[str, str]]:
    return {key: (line.answer, line.words) for key, line in queries.said(cast.ana.pk).items()}


def outcomes() -> list[str]:
    return list(Task.objects.filter(kind=actions.KIND).order_by("created_at", "pk").values_list("outcome", flat=True))


def hour(number: int) -> AbstractContextManager[None]:
    return clock.at(NOW + timedelta(hours=number))


def test_it_stands_until_it_is_taken_as_ordered(cast: Cast) -> None:
    row = ours(cast)
    gone_through(cast, {row: HALF})
    assert standing(cast) == {row.pk: HALF}
    with hour(1):
        gone_through(cast, {row: "confirmed"})
    assert (standing(cast), outcomes()) == ({}, ["taken as ordered"])


def test_the_last_words_stand(cast: Cast) -> None:
    row = ours(cast)
    gone_through(cast, {row: HALF})
    with hour(1):
        gone_through(cast, {row: ("stopped", "since noon")})
    assert standing(cast) == {row.pk: ("stopped", "since noon")}
    assert outcomes() == ["said anew", ""]


def test_not_known_answers_nothing(cast: Cast) -> None:
    row = ours(cast)
    gone_through(cast, {row: HALF})
    with hour(1):
        gone_through(cast, {row: "unknown"})
    assert (standing(cast), outcomes()) == ({row.pk: HALF}, [""])


def test_not_known_stands_where_nothing_else_does(cast: Cast) -> None:
    row = ours(cast)
    gone_through(cast, {row: "confirmed"})
    with hour(1):
        gone_through(cast, {row: "unknown"})
    assert standing(cast) == {row.pk: ("unknown", "")}
    with hour(2):
        gone_through(cast, {row: "confirmed"})
    assert standing(cast) == {}


@pytest.mark.parametrize(
    "act",
    [
        lambda row, by: changed(row, by=by),
        lambda row, by: changed(row, by=by, from_day=TODAY + timedelta(days=3)),
        lambda row, by: prescribing.hold(row, reason="Blood test first.", by=by),
        lambda row, by: prescribing.stop(row, reason="Agreed.", by=by),
        lambda row, by: prescribing.retract_prescription(row, reason="Wrong chart.", by=by),
    ],
)
def test_what_a_prescriber_does_with_it_answers(cast: Cast, act: Callable[..., object]) -> None:
    row, other = ours(cast), ours(cast, drug="hydroxyzine", strength=25)
    gone_through(cast, {row: HALF, other: HALF})
    with hour(1):
        act(Prescription.objects.get(pk=row.pk), cast.priya)
    assert standing(cast) == {other.pk: HALF}
    assert sorted(outcomes()) == ["", "answered by an order"]


def test_what_it_was_compared_with_was_an_error(cast: Cast) -> None:
    row = ours(cast)
    gone_through(cast, {row: HALF})
    with hour(1):
        prescribing.retract_order(row.orders.get(), reason="Wrong dose.", by=cast.priya)
    assert standing(cast) == {}


def test_a_stop_that_was_signed_before_answers_nothing(cast: Cast) -> None:
    row = prescribing.stop(ours(cast), on=TODAY + timedelta(days=5), reason="Agreed.", by=cast.priya)
    gone_through(cast, {row: HALF})
    assert standing(cast) == {row.pk: HALF}


def test_a_hold_that_ends_answers(cast: Cast) -> None:
    row = prescribing.hold(ours(cast), reason="Blood test first.", by=cast.priya)
    gone_through(cast, {row: ("differently", "takes it all the same")})
    assert list(standing(cast)) == [row.pk]
    with hour(1):
        prescribing.resume(row, by=cast.priya)
    assert (standing(cast), outcomes()) == ({}, ["answered by an order"])


def test_a_supply_alone_answers_nothing(cast: Cast) -> None:
    row = ours(cast, supply=None)
    gone_through(cast, {row: HALF})
    with hour(1):
        prescribing.authorise(row, supply=supply(), by=cast.priya)
    assert (standing(cast), outcomes()) == ({row.pk: HALF}, [""])


def test_one_stop_elsewhere_closes_no_task_of_ours(cast: Cast) -> None:
    row, other = ours(cast), elsewhere(cast)
    gone_through(cast, {row: HALF, other: ("stopped", "no use")})
    assert (standing(cast), outcomes()) == ({row.pk: HALF}, [""])


def test_entered_in_error_it_leaves_rows_inbox_and_timeline(cast: Cast) -> None:
    row = ours(cast)
    gone_through(cast, {row: HALF})
    with hour(1):
        wrong = gone_through(cast, {row: ("stopped", "since noon")})
        actions.retract(wrong, reason="Another patient’s words.", by=cast.tess)
    assert standing(cast) == {row.pk: HALF}
    assert Entry.objects.get(object_id=wrong.pk).retracted_at == NOW + timedelta(hours=1)
    last = queries.last(cast.ana.pk)
    assert last is not None
    assert last.recorded_at == NOW


def test_entered_in_error_its_task_is_over(cast: Cast) -> None:
    wrong = gone_through(cast, {ours(cast): HALF})
    actions.retract(wrong, reason="Another patient’s words.", by=cast.tess)
    assert (standing(cast), outcomes()) == ({}, ["entered in error"])


@pytest.mark.parametrize("reason", ["", "  "])
def test_an_error_has_a_reason(cast: Cast, reason: str) -> None:
    with pytest.raises(Refused, match=r"Write what was wrong\."):
        actions.retract(gone_through(cast), reason=reason, by=cast.tess)


def test_an_error_is_marked_once(cast: Cast) -> None:
    wrong = actions.retract(gone_through(cast), reason="Wrong chart.", by=cast.tess)
    with pytest.raises(Refused, match="entered in error already"):
        actions.retract(wrong, reason="Again.", by=cast.tess)
