"""Files of results: columns matched, a preview, a sentence for each line that cannot be taken, nothing saved half."""

from decimal import Decimal

import pytest
from django.test import Client

from clinic.audit.models import AuditEvent
from medications.monitoring import actions, imports, knowledge
from medications.monitoring.actions import importing
from medications.monitoring.imports import Unreadable
from medications.monitoring.models import Result, ResultFile
from patients.inbox.models import Task
from tests.cast import Cast, client
from tests.medications.monitoring.given import EGFR, LITHIUM, due_on, on_lithium, refused

HEAD = "Patient ID,DOB,Test Name,Result,Units,Low,High,Collection Date,Hours after dose"
FINE = "101,05/17/1990,Lithium,0.72,mmol/L,0.6,1.2,2026-03-01 08:10,12"


@pytest.fixture
def lithium(cast: Cast) -> Cast:
    """Ana takes lithium."""
    on_lithium(cast.ana, cast.priya)
    return cast


def uploaded(cast: Cast, *lines: str, head: str = HEAD, encoding: str = "utf-8") -> ResultFile:
    return actions.upload("\n".join([head, *lines]).encode(encoding), by=cast.priya)


def problems(cast: Cast, *lines: str) -> list[str]:
    return [line.problem for line, _ in importing.looked_at(uploaded(cast, *lines), cast.priya)]


def test_a_line_is_taken_with_all_that_it_says(lithium: Cast) -> None:
    file = actions.import_rows(uploaded(lithium, FINE), by=lithium.priya)
    row = Result.objects.get()
    assert (row.patient, row.code, row.value, row.unit, row.low, row.high, row.hours_after_dose, row.source) == (
        lithium.ana, LITHIUM, Decimal("0.72"), "mmol/L", Decimal("0.6"), Decimal("1.2"), Decimal(12), "imported",
    )  # fmt: skip
    assert row.taken_at.astimezone(lithium.ana.zone).isoformat() == "2026-03-01T08:10:00-08:00"
    assert (file.saved, file.refused, file.text, file.rejects) == (1, 0, "", "")
    assert AuditEvent.objects.get(what="monitoring.import").detail == {"saved": 1, "refused": 0}


def test_columns_are_found_by_their_names_and_can_be_chosen(lithium: Cast) -> None:
    assert uploaded(lithium, FINE).columns == {
        "number": 0, "born": 1, "test": 2, "value": 3, "unit": 4, "low": 5, "high": 6, "taken": 7, "hours": 8
    }  # fmt: skip
    file = uploaded(lithium, "101;1990-05-17;0.72;Lithium;2026-03-01", head="a;b;c;d;e")
    assert imports.unmatched(file.columns) == [
        "Record number",
        "Birth date",
        "Test: code or name",
        "Result",
        "Taken on",
    ]
    with refused("A column holds one thing."):
        actions.choose(file, columns={"number": 0, "born": 0}, by=lithium.priya)
    with refused("Choose a column for: Test: code or name, Result, Taken on."):
        actions.choose(file, columns={"number": 0, "born": 1}, by=lithium.priya)
    file = actions.choose(
        file, columns={"number": 0, "born": 1, "value": 2, "test": 3, "taken": 4}, by=lithium.priya
    )  # fmt: skip
    assert actions.import_rows(file, by=lithium.priya).saved == 1


@pytest.mark.parametrize(
    ("encoding", "parted"), [("utf-8-sig", ","), ("utf-16", ";"), ("cp1252", "\t"), ("utf-8", ";"), ("utf-8", "|")]
)
def test_marks_and_separators_of_other_programs(lithium: Cast, encoding: str, parted: str) -> None:
    head, line = (text.replace(",", parted) for text in (HEAD, FINE))
    assert actions.import_rows(uploaded(lithium, line, head=head, encoding=encoding), by=lithium.priya).saved == 1


def test_each_line_that_cannot_be_taken_says_why(lithium: Cast) -> None:
    assert problems(
        lithium,
        FINE.replace("101", "x1"), FINE.replace("05/17/1990", "1990"), FINE.replace("Lithium", "Moon dust"),
        FINE.replace("0.72", "0,72 high".replace(",", ".")), FINE.replace("0.72", ""),
        FINE.replace("2026-03-01 08:10", "soon"), FINE.replace("mmol/L", ""), FINE.replace("mmol/L", "furlong"),
        FINE.replace("0.72", "72"), FINE.replace("101", "102"), FINE.replace("05/17/1990", "05/18/1990"),
        FINE.replace("2026-03-01 08:10", "2027-03-01 08:10"), FINE.replace("0.72", "1e9"), FINE.replace("0.72", "-1"),
        FINE.replace(",12", ",120"), FINE, FINE,
    ) == [
        "The record number is not a number.", "The birth date cannot be read. Write it like 1990-05-17 or 5/17/1990.",
        "No test is known as “Moon dust”.", "“0.72 high” is no number. Write it like 0.7.", "The result is missing.",
        "When it was taken cannot be read. Write it like 2026-03-02 08:30.", "The unit is missing.",
        "The unit furlong is not known for this. Give it in mmol/L, mEq/L.",
        "72 mmol/L can hardly be: 0 to 6 is what occurs. 0.72 mmol/L would be plausible: is it another unit?",
        importing.NOBODY, importing.NOBODY, "That is in the future. Enter when it was taken.",
        "“1e9” is no number. Write it like 0.7.", "“-1” is no number. Write it like 0.7.",
        "Hours after the last dose: 0 to 96.", "", importing.AGAIN,
    ]  # fmt: skip


def test_wrong_units_of_a_whole_file_are_all_refused(lithium: Cast) -> None:
    lines = [FINE.replace("0.72", f"{number}").replace(" 08:10", f" 08:{number}") for number in range(10, 40)]
    file = actions.import_rows(uploaded(lithium, *lines), by=lithium.priya)
    assert (file.saved, file.refused, Result.objects.count()) == (0, 30, 0)


def test_what_is_refused_comes_back_as_a_file(lithium: Cast) -> None:
    file = actions.import_rows(uploaded(lithium, FINE, '=1+1,x,"Li, serum",1,,,,,'), by=lithium.priya)
    assert (file.saved, file.refused) == (1, 1)
    assert file.rejects.splitlines() == [
        f"{HEAD},line,problem", "'=1+1,x,\"Li, serum\",1,,,,,,3,The record number is not a number.",
    ]  # fmt: skip
    answer = client(lithium.priya).get(f"/monitoring/files/{file.pk}/rejects/")
    assert (answer.content.decode(), answer["Content-Type"]) == (file.rejects, "text/csv; charset=utf-8")
    assert AuditEvent.objects.filter(what="monitoring.rejects", kind="exported").count() == 1


def test_a_file_of_which_nothing_can_be_taken_leads_to_another(lithium: Cast) -> None:
    file = uploaded(lithium, FINE.replace("mmol/L", "furlong"))
    page = client(lithium.priya).get(f"/monitoring/files/{file.pk}/").content.decode()
    assert ("Take " in page, '<a class="btn btn-link" href="/monitoring/files/">Another file</a>' in page) == (
        False,
        True,
    )


def test_twice_takes_nothing_twice(lithium: Cast) -> None:
    first = uploaded(lithium, FINE)
    actions.import_rows(first, by=lithium.priya)
    with refused("is imported already"):
        actions.import_rows(first, by=lithium.priya)
    assert problems(lithium, FINE) == [importing.TWICE]


def test_nothing_is_saved_half(lithium: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*args: object, **kwargs: object) -> None:
        raise RuntimeError

    file = uploaded(lithium, FINE)
    monkeypatch.setattr(importing, "told", breaks)
    with pytest.raises(RuntimeError):
        actions.import_rows(file, by=lithium.priya)
    file.refresh_from_db()
    assert (Result.objects.count(), file.imported_at) == (0, None)


def test_alerts_and_what_is_due_follow_an_import(lithium: Cast) -> None:
    lines = [FINE.replace("0.72", "1.6"), FINE.replace("Lithium", "eGFR").replace("0.72,mmol/L,0.6,1.2", "88,mL/min,,")]
    actions.import_rows(uploaded(lithium, *lines), by=lithium.priya)
    assert Task.objects.get(kind="monitoring.alert").for_user == lithium.priya
    assert due_on(lithium.ana, EGFR) is not None
    assert due_on(lithium.ana, EGFR) > Result.objects.first().taken_at.date()  # type: ignore[operator, union-attr]


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "The file is empty."), (b"  \n", "The file is empty."), (b"a\x00b,c", "This is no text file."),
        (b"x" * 4_000_001, "larger than 4,000 kB"), (b"one column\n1\n", "No columns were found"),
        (b"a,b\n", "no line below the header"), (b'a,b\n"1,2\n', "a quotation mark is open"),
        (b"a,b\n" + b"1,2\n" * 20_001, "20,001 lines"), (b"a,b\n1," + b"x" * 301 + b"\n", "far too long"),
        (b",".join([b"a"] * 61) + b"\n1,2\n", "far too long"), (b"\xff\xfe\x00", "no text file"),
    ],
)  # fmt: skip
def test_hostile_files_are_refused_with_a_sentence(cast: Cast, raw: bytes, sentence: str) -> None:
    with refused(sentence):
        actions.upload(raw, by=cast.priya)
    assert not ResultFile.objects.exists()


def test_only_the_uploader_sees_it(lithium: Cast) -> None:
    file = uploaded(lithium, FINE)
    assert client(lithium.paul).get(f"/monitoring/files/{file.pk}/").status_code == 404
    assert client(lithium.tess).get("/monitoring/files/").status_code == 404
    with refused("Another person uploaded"):
        actions.import_rows(file, by=lithium.paul)


def test_the_way_through_the_pages(lithium: Cast) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    priya: Client = client(lithium.priya)
    assert priya.post("/monitoring/files/", {}).status_code == 422
    bad = SimpleUploadedFile("x.csv", b"one column\n1\n")
    answer = priya.post("/monitoring/files/", {"file": bad})
    assert (answer.status_code, "No columns were found" in answer.content.decode()) == (422, True)
    sent = SimpleUploadedFile("x.csv", f"{HEAD}\n{FINE}\n{FINE.replace('101', '999')}\n".encode())
    page = priya.post("/monitoring/files/", {"file": sent}, follow=True)
    text = page.content.decode()
    assert "1 can be taken, 1 cannot. Nothing is saved yet." in text
    assert importing.NOBODY in text
    file = ResultFile.objects.get()
    done = priya.post(f"/monitoring/files/{file.pk}/import/", follow=True).content.decode()
    assert "1 taken, 1 refused." in done
    assert Result.objects.count() == 1


def test_names_of_laboratories_are_known() -> None:
    names = imports.test_names(knowledge.current())
    assert {names[one] for one in ("14334 7", "lithium", "valproic acid", "anc", "tsh", "hba1c", "alt")} == {
        "14334-7", "4086-5", "751-8", "3016-3", "4548-4", "1742-6",
    }  # fmt: skip


def test_a_number_is_never_guessed() -> None:
    with pytest.raises(Unreadable):
        imports.table("")
    assert imports.decoded("Zoë;1\n2;3".encode("cp1252")).startswith("Zoë")
