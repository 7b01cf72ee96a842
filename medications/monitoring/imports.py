"""Files of results as laboratories send them: read, columns matched, each line with values or its sentence. Pure."""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from io import StringIO

from medications.monitoring import calc
from medications.monitoring.knowledge import Knowledge

MOST_BYTES = 4_000_000
MOST_LINES = 20_000
MOST_COLUMNS = 60
MOST_CELL = 300
# field: its label, whether it must be matched, words by which a header is recognised
FIELDS: Mapping[str, tuple[str, bool, tuple[str, ...]]] = {
    "number": ("Record number", True, ("record", "patient number", "patient id", "mrn", "chart", "patient")),
    "born": ("Birth date", True, ("birth", "dob", "born")),
    "test": ("Test: code or name", True, ("loinc", "test", "code", "analyte", "component", "name")),
    "value": ("Result", True, ("result", "value", "answer")),
    "unit": ("Unit", False, ("unit",)),
    "low": ("Range from", False, ("low", "range from", "lower", "min")),
    "high": ("Range to", False, ("high", "range to", "upper", "max")),
    "taken": ("Taken on", True, ("collected", "taken", "drawn", "date", "time")),
    "hours": ("Hours after the last dose", False, ("hours", "after dose", "post dose")),
}
DAYS = ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%d.%m.%Y", "%Y%m%d")
TIMES = (
    "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M %p",
)  # fmt: skip
NUMBER = re.compile(r"^\d{1,9}(\.\d{1,6})?$")
GROUPED = re.compile(r"^\d{1,3}(,\d{3})+(\.\d{1,6})?$")


class Unreadable(Exception):
    """Why a file cannot be read at all, in a sentence."""


@dataclass(frozen=True)
class Table:
    """A file as rows of cells."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Line:
    """One line: what it says, or why it cannot be taken. `place`: its number in the file, the header is 1."""

    place: int
    cells: tuple[str, ...]
    problem: str = ""
    number: int = 0
    born: date | None = None
    code: str = ""
    value: Decimal | None = None
    words: str = ""
    unit: str = ""
    low: Decimal | None = None
    high: Decimal | None = None
    taken: datetime | None = None
    dated_only: bool = False
    hours: Decimal | None = None


@dataclass
class _Bad(Exception):
    sentence: str = field(default="")


def decoded(raw: bytes) -> str:
    """The text of a file: UTF-8 with or without its mark, UTF-16 with one, else as older programs write."""
    if len(raw) > MOST_BYTES:
        raise Unreadable(f"The file is larger than {MOST_BYTES // 1000:,} kB. Split it, and send the parts.")
    if not raw.strip():
        raise Unreadable("The file is empty.")
    for encoding in ("utf-16",) if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252"):
        try:
            text = raw.decode(encoding)
        except (UnicodeDecodeError, UnicodeError):
            continue
        if "\x00" in text:
            break
        return text
    raise Unreadable("This is no text file. Save it as CSV and send it again.")


def table(text: str) -> Table:
    """Header and rows, whatever parts the columns: comma, semicolon, tab or upright stroke."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    parted = max((",", ";", "\t", "|"), key=first.count)
    if not first.count(parted):
        raise Unreadable("No columns were found in the first line: commas, semicolons, tabs or | part them.")
    try:
        rows = [row for row in csv.reader(StringIO(text), delimiter=parted, strict=True) if any(c.strip() for c in row)]
    except csv.Error:
        raise Unreadable("The file cannot be read as CSV: a quotation mark is open somewhere.") from None
    if len(rows) < 2:
        raise Unreadable("There is no line below the header.")
    if len(rows) - 1 > MOST_LINES:
        raise Unreadable(f"The file has {len(rows) - 1:,} lines; {MOST_LINES:,} is the most. Split it.")
    width = len(rows[0])
    if width > MOST_COLUMNS or any(len(cell) > MOST_CELL for row in rows for cell in row):
        raise Unreadable("Some cell or line is far too long. Is it the right file?")
    cells = [tuple(cell.strip() for cell in [*row, *[""] * width][:width]) for row in rows]
    return Table(cells[0], tuple(cells[1:]))


def guessed(header: Sequence[str]) -> dict[str, int]:
    """Which column holds which field, by its name; each column once, the clearest words first."""
    names = [re.sub(r"[^a-z0-9]+", " ", name.casefold()).strip() for name in header]
    found: dict[str, int] = {}
    order = ("born", "low", "high", "hours", "unit", "number", "test", "value", "taken")
    for key in order:
        for word in FIELDS[key][2]:
            place = next((p for p, name in enumerate(names) if word in name and p not in found.values()), None)
            if place is not None:
                found[key] = place
                break
    return found


def unmatched(columns: Mapping[str, int]) -> list[str]:
    """The labels of what must be matched and is not."""
    return [label for key, (label, needed, _) in FIELDS.items() if needed and key not in columns]


def lines(found: Table, columns: Mapping[str, int], known: Knowledge, *, after: int = 0, most: int) -> list[Line]:
    """Of the lines `after` so many at `most`: each with its values, or with the sentence that says what is wrong."""
    names = test_names(known)
    made = []
    for place, cells in enumerate(found.rows[after : after + most], start=after + 2):
        try:
            made.append(_line(place, cells, columns, names, known))
        except _Bad as bad:
            made.append(Line(place, cells, problem=bad.sentence))
    return made


def test_names(known: Knowledge) -> dict[str, str]:
    """What a laboratory may call a test, normalised, with its code."""
    found: dict[str, str] = {}
    for code, item in known.codes().items():
        if not item.question:
            for name in (code, item.name, item.short, item.name.split(",")[0], item.short.split(" (")[0]):
                found.setdefault(_plain(name), code)
    for name, code in (("anc", "751-8"), ("lithium", "14334-7"), ("valproic acid", "4086-5"), ("valproate", "4086-5"),
                       ("tsh", "3016-3"), ("alt", "1742-6"), ("ast", "1920-8"), ("qtc", "8636-3"), ("egfr", "98979-8"),
                       ("hba1c", "4548-4"), ("hemoglobin a1c", "4548-4"), ("glucose", "1558-6"),
                       ("absolute neutrophils", "751-8"), ("neutrophils absolute", "751-8"),
                       ("carbamazepine", "3432-2"), ("body weight", "29463-7")):  # fmt: skip
        found[_plain(name)] = code
    return found


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", text.casefold()).strip()


def _line(
    place: int, cells: tuple[str, ...], columns: Mapping[str, int], names: Mapping[str, str], known: Knowledge
) -> Line:
    def cell(key: str) -> str:
        return cells[columns[key]] if key in columns and columns[key] < len(cells) else ""

    number = cell("number").lstrip("#")
    if not (number.isascii() and number.isdigit() and len(number) <= 9):
        raise _Bad("The record number is not a number.")
    born = _day(cell("born"))
    if born is None:
        raise _Bad("The birth date cannot be read. Write it like 1990-05-17 or 5/17/1990.")
    code = names.get(_plain(cell("test")))
    item = known.item(code) if code else None
    if code is None or item is None:
        raise _Bad(f"No test is known as “{cell('test')[:60]}”." if cell("test") else "The test is missing.")
    taken, dated_only = _moment(cell("taken"))
    if taken is None:
        raise _Bad("When it was taken cannot be read. Write it like 2026-03-02 08:30.")
    value, words = _value(cell("value"), bool(item.unit))
    unit = calc.spelled(cell("unit")) if value is not None else ""
    if value is not None and not unit and "unit" in columns:
        raise _Bad("The unit is missing.")
    low, high, hours = (_number(cell(key)) for key in ("low", "high", "hours"))
    return Line(
        place, cells, "", int(number), born, code, value, words, unit, low, high, taken, dated_only, hours
    )  # fmt: skip


def _value(text: str, numeric: bool) -> tuple[Decimal | None, str]:
    if not text:
        raise _Bad("The result is missing.")
    if not numeric:
        return None, text[:200]
    number = _number(text)
    if number is None:
        raise _Bad(f"“{text[:40]}” is no number. Write it like 0.7.")
    return number, ""


def _number(text: str) -> Decimal | None:
    """A plain number; thousands may be parted by commas, nothing is guessed."""
    if GROUPED.match(text):
        text = text.replace(",", "")
    if not text or not text.isascii() or not NUMBER.match(text):
        if not text:
            return None
        raise _Bad(f"“{text[:40]}” is no number. Write it like 0.7.")
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _day(text: str) -> date | None:
    moment, _ = _moment(text)
    return moment.date() if moment else None


def _moment(text: str) -> tuple[datetime | None, bool]:
    """A day, or a day with a time, without a zone; two-digit years lie in the past."""
    for form in (*TIMES, *DAYS):
        try:
            found = datetime.strptime(text, form)  # noqa: DTZ007 (in the patient's zone, known later)
        except ValueError:
            continue
        if 1900 <= found.year <= 2200:
            return found, form in DAYS
    return None, False
