"""A line from one to another: task, answer, taken note of, entered in error."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from clinic import clock
from clinic.refusal import Refused
from clinic.rows import new_id
from patients.handoffs import actions, queries
from patients.handoffs.models import Handoff
from patients.handoffs.panels import Lines
from patients.inbox.models import Task
from tests.cast import Cast, at, client

NOW = at("2026-11-23 10:00")


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.at(NOW):
        yield


@pytest.fixture
def line(cast: Cast) -> Handoff:
    """Priya tells Tess about Ana."""
    return actions.send(cast.ana, to_user=cast.tess, words="Sleeping six hours.", by=cast.priya)


def test_the_receiver_has_a_task(cast: Cast, line: Handoff) -> None:
    task = Task.objects.get()
    assert (task.for_user, task.kind, task.object_id) == (cast.tess, "handoffs.line", line.pk)
    assert "six hours" not in task.sentence


def test_an_answer_takes_note_and_is_a_line_of_its_own(cast: Cast, line: Handoff) -> None:
    answer = actions.send(cast.ana, to_user=cast.priya, words="Thank you.", answer_to=line, by=cast.tess)
    line.refresh_from_db()
    assert (answer.answer_to, line.read_at) == (line, NOW)
    assert Task.objects.get(done_at=None).for_user == cast.priya


def test_their_line_is_the_newest_unanswered_of_each(cast: Cast, line: Handoff) -> None:
    with clock.at(NOW + timedelta(hours=1)):
        newer = actions.send(cast.ana, to_user=cast.tess, words="Seven now.", by=cast.priya)
        assert queries.unanswered(cast.ana.pk, cast.tess) == [newer]
        assert queries.unanswered(cast.ana.pk, cast.priya) == []
        actions.mark_read(newer, by=cast.tess)
        assert Lines().context(cast.ana, cast.tess, None) == {"lines": [newer], "patient": cast.ana}
        actions.send(cast.ana, to_user=cast.priya, words="Good.", answer_to=newer, by=cast.tess)
        assert queries.unanswered(cast.ana.pk, cast.tess) == [line]
        actions.retract(line, reason="Another patient's", by=cast.priya)
        assert Lines().context(cast.ana, cast.tess, None) is None


def test_a_repeated_submit_sends_once(cast: Cast) -> None:
    key = new_id()
    for _ in range(2):
        actions.send(cast.ana, to_user=cast.tess, words="Once.", by=cast.priya, handoff_id=key)
    assert (Handoff.objects.count(), Task.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("to", "words", "sentence"),
    [
        ("tess", " \n ", "Write what the other"),
        ("theo", "words", "Theo Lund is not on the care team"),
        ("priya", "words", "somebody else"),
    ],
)
def test_what_cannot_be_sent(cast: Cast, to: str, words: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        actions.send(cast.ana, to_user=getattr(cast, to), words=words, by=cast.priya)


def test_only_the_receiver_answers_and_takes_note(cast: Cast, line: Handoff) -> None:
    with pytest.raises(Refused, match="not sent to you"):
        actions.send(cast.ana, to_user=cast.tess, words="Me again.", answer_to=line, by=cast.priya)
    with pytest.raises(Refused, match="not sent to you"):
        actions.mark_read(line, by=cast.priya)


def test_only_the_sender_takes_it_back_once_with_a_reason(cast: Cast, line: Handoff) -> None:
    with pytest.raises(Refused, match="Only the person who sent"):
        actions.retract(line, reason="x", by=cast.tess)
    with pytest.raises(Refused, match="Write why"):
        actions.retract(line, reason=" ", by=cast.priya)
    assert actions.retract(line, reason="Wrong chart", by=cast.priya).in_error
    assert Task.objects.get().outcome == "entered in error"
    with pytest.raises(Refused, match="already"):
        actions.retract(line, reason="Wrong chart", by=cast.priya)


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("handoff_not_empty", {"words": ""}),
        ("handoff_to_somebody_else", {"to": "priya"}),
        ("handoff_retracted_whole", {"retracted_at": NOW}),
    ],
)
def test_the_database_refuses(cast: Cast, constraint: str, fields: dict[str, Any]) -> None:
    given = {"words": "x", **fields}
    to_user = getattr(cast, given.pop("to", "tess"))
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Handoff.objects.create(patient=cast.ana, from_user=cast.priya, to_user=to_user, recorded_at=NOW, **given)


def test_the_database_keeps_the_words_as_sent(line: Handoff) -> None:
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        Handoff.objects.filter(pk=line.pk).update(words="Something else.")
    with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
        line.delete()


def test_the_pages(cast: Cast, line: Handoff) -> None:
    browser, base = client(cast.tess), f"/handoffs/{cast.ana.pk}"
    assert browser.get(f"{base}/{line.pk}/").status_code == 200
    answer = browser.post(f"{base}/{line.pk}/", {"words": "Noted, thank you."})
    assert (answer.status_code, Handoff.objects.filter(answer_to=line).count()) == (302, 1)
    refused = browser.post(f"{base}/new/", {"words": "For nobody."})
    assert refused.status_code == 422
    assert b"For nobody." in refused.content
    others = [client(user).get(f"{base}/").status_code for user in (cast.theo, cast.fran, cast.sam, cast.max)]
    assert others == [404] * 4


def test_hints_stand_beside_and_never_block(cast: Cast) -> None:
    browser, base = client(cast.priya), f"/handoffs/{cast.ana.pk}"
    hints = browser.post(f"{base}/hints/", {"words": "She is non-compliant."})
    assert b"non-compliant" in hints.content
    sent = browser.post(f"{base}/new/", {"words": "She is non-compliant.", "to_user": str(cast.tess.pk)})
    assert (sent.status_code, Handoff.objects.get().words) == (302, "She is non-compliant.")


@pytest.mark.parametrize("rows", [1, 12])
def test_a_fixed_number_of_queries(cast: Cast, django_assert_num_queries: Any, rows: int) -> None:
    for number in range(rows):
        actions.send(cast.ana, to_user=cast.tess, words=f"Line {number}", by=cast.priya)
    with django_assert_num_queries(2):
        assert len(list(queries.thread(cast.ana.pk))) == rows
        queries.unanswered(cast.ana.pk, cast.tess)
