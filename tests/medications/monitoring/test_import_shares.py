"""A large file is taken share by share by a worker: its page says how far it is; killed or doubled, each line once."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from clinic import clock
from clinic.outbox import actions as outbox
from clinic.outbox.models import OutboxItem
from medications.monitoring import actions
from medications.monitoring.actions import importing
from medications.monitoring.actions.importing import AGAIN, TWICE
from medications.monitoring.models import Result, ResultFile
from tests.cast import Cast, client
from tests.medications.monitoring.given import on_lithium
from tests.medications.monitoring.test_import import FINE, uploaded

LINES = [FINE.replace("08:10", f"08:{minute}") for minute in range(10, 17)]


@pytest.fixture(autouse=True)
def _three_a_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "SHARE", 3)


@pytest.fixture
def file(cast: Cast) -> ResultFile:
    """Seven lines, of which the fifth says what the second said, and the sixth is nobody's."""
    on_lithium(cast.ana, cast.priya)
    lines = [*LINES[:4], LINES[1], LINES[5].replace("101,", "999,"), LINES[6]]
    return actions.import_rows(uploaded(cast, *lines), by=cast.priya)


def counts(file: ResultFile) -> tuple[int, int, int, bool]:
    now = ResultFile.objects.get(pk=file.pk)
    return now.done, now.saved, now.refused, now.imported_at is not None


def deliver() -> None:
    with clock.at(clock.now() + timedelta(minutes=1)):
        outbox.deliver_due()


def test_the_first_share_is_taken_at_once_and_a_worker_is_asked_for_the_rest(file: ResultFile) -> None:
    assert (counts(file), file.lines) == ((3, 3, 0, False), 7)
    assert OutboxItem.objects.get(kind="monitoring.import").args == {"file": str(file.pk)}


def test_the_worker_takes_the_rest(file: ResultFile) -> None:
    deliver()
    assert counts(file) == (7, 5, 2, True)
    assert Result.objects.count() == 5
    done = ResultFile.objects.get()
    assert [line.rpartition(",")[2] for line in done.rejects.splitlines()] == ["problem", AGAIN, importing.NOBODY]
    assert [line.rpartition(",")[0][-1] for line in done.rejects.splitlines()[1:]] == ["6", "7"]
    assert (done.text, OutboxItem.objects.get(kind="monitoring.import").state) == ("", "done")


def test_a_worker_that_was_killed_is_followed_by_one_that_goes_on(file: ResultFile) -> None:
    with transaction.atomic():
        actions.import_share(file)
        transaction.set_rollback(True)
    assert counts(file) == (3, 3, 0, False)
    actions.import_share(file)
    assert counts(file) == (6, 4, 2, False)
    deliver()
    actions.import_share(file)  # another worker, too late
    assert (counts(file), Result.objects.count()) == ((7, 5, 2, True), 5)


def test_what_was_on_record_before_is_not_called_a_line_above(cast: Cast, file: ResultFile) -> None:
    deliver()
    with clock.at(clock.now() + timedelta(hours=1)):
        again = actions.import_rows(uploaded(cast, LINES[0], LINES[0]), by=cast.priya)
    assert again.rejects.count(TWICE) == 2


def test_the_page_says_how_far_it_is_and_what_came_of_it(cast: Cast, file: ResultFile) -> None:
    priya = client(cast.priya)
    page = priya.get(f"/monitoring/files/{file.pk}/").content.decode()
    assert "3 of 7 lines are done" in page
    assert f'data-poll-url="/monitoring/files/{file.pk}/progress/"' in page
    assert "3 of 7 lines done" in priya.get("/monitoring/files/").content.decode()
    deliver()
    part = priya.get(f"/monitoring/files/{file.pk}/progress/").content.decode()
    assert "5 taken, 2 refused." in part
    assert "data-poll" not in part
    assert client(cast.paul).get(f"/monitoring/files/{file.pk}/progress/").status_code == 404


def test_without_its_columns_nothing_is_taken(cast: Cast) -> None:
    file = uploaded(cast, FINE, head="a,b,c,d,e,f,g,h,i")
    priya = client(cast.priya)
    assert "Take what can be taken" not in priya.get(f"/monitoring/files/{file.pk}/").content.decode()
    assert priya.post(f"/monitoring/files/{file.pk}/import/").status_code == 422
    assert counts(file) == (0, 0, 0, False)


def test_sent_twice_it_is_taken_once(cast: Cast, file: ResultFile) -> None:
    assert client(cast.priya).post(f"/monitoring/files/{file.pk}/import/").status_code == 302
    assert counts(file) == (3, 3, 0, False)


def test_a_preview_of_a_large_file_looks_at_its_first_lines(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "LOOKED_AT", 2)
    on_lithium(cast.ana, cast.priya)
    file = uploaded(cast, *LINES)
    page = client(cast.priya).get(f"/monitoring/files/{file.pk}/").content.decode()
    assert "7 lines; of the first 2, 2 can be taken, 0 cannot. Nothing is saved yet." in page
    assert "Take what can be taken" in page


def test_a_large_file_whose_first_lines_are_all_refused_can_still_be_taken(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "LOOKED_AT", 2)
    on_lithium(cast.ana, cast.priya)
    nobody = [line.replace("101,", "999,") for line in LINES[:2]]
    file = uploaded(cast, *nobody, LINES[2])
    page = client(cast.priya).get(f"/monitoring/files/{file.pk}/").content.decode()
    assert "of the first 2, 0 can be taken, 2 cannot" in page
    assert "Take what can be taken" in page


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"done": 7, "saved": 7}, "result_file_imported_once"), ({"asked_at": None}, "result_file_imported_once"),
        ({"done": 4}, "result_file_counts_each_line"), ({"text": "", "imported_at": clock.now()}, "imported_once"),
    ],
)  # fmt: skip
def test_the_database_counts_each_line(file: ResultFile, changed: dict[str, object], name: str) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        ResultFile.objects.filter(pk=file.pk).update(**changed)
