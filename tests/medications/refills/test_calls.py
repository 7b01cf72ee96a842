"""“Asks for a refill call”: noted by the front desk without a drug (R-HP-08), made by a prescriber."""

from clinic.audit.models import AuditEvent
from medications.refills import actions
from medications.refills.models import RefillCall
from patients.inbox.models import Task
from tests.cast import Cast
from tests.medications.refills.given import refused


def test_the_care_teams_prescriber_is_asked(cast: Cast) -> None:
    call = actions.ask_for_call(cast.ana, words="  after   three ", by=cast.fran)
    assert (call.words, call.taken_by, call.done_at) == ("after three", cast.fran, None)
    task = Task.objects.get()
    assert (task.kind, task.for_user, task.patient, task.object_id) == ("refills.call", cast.priya, cast.ana, call.pk)
    assert task.sentence == "Asks for a call about a refill."
    assert AuditEvent.objects.get(what="refills.ask_for_call").object_id == call.pk


def test_asked_twice_is_one_call_and_no_word_is_lost(cast: Cast) -> None:
    first = actions.ask_for_call(cast.ana, words="after three", by=cast.fran)
    for words in ("", "after three", "or at work", "or at work"):
        assert actions.ask_for_call(cast.ana, words=words, by=cast.fran).pk == first.pk
    assert (RefillCall.objects.get().words, Task.objects.count()) == ("after three; or at work", 1)
    with refused("Shorten these"):
        actions.ask_for_call(cast.ana, words="x" * 190, by=cast.fran)


def test_a_team_without_a_prescriber_is_said_at_once(cast: Cast) -> None:
    with refused("Nobody on this care team can decide about refills."):
        actions.ask_for_call(cast.cleo, by=cast.fran)
    assert RefillCall.objects.count() == 0


def test_called_once_by_a_prescriber_of_the_team(cast: Cast) -> None:
    call = actions.ask_for_call(cast.ana, by=cast.fran)
    for by in (cast.fran, cast.tess, cast.paul):
        with refused("Only a prescriber on the care team calls back"):
            actions.call_done(call, by=by)
    assert actions.call_done(call, by=cast.priya).done_by == cast.priya
    actions.call_done(call, by=cast.priya)
    assert (Task.objects.get().outcome, AuditEvent.objects.filter(what="refills.call_done").count()) == ("called", 1)
    assert actions.ask_for_call(cast.ana, by=cast.fran).pk != call.pk
