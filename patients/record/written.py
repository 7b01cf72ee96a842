"""What somebody typed to find a patient: a birth date in any usual writing, digits, words. Pure."""

import re
from dataclasses import dataclass
from datetime import date

from patients.record.calc import normalise, phone_digits, without_hidden

MOST = 120  # characters that are read
MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"), start=1,
    ) for name in names.split()
}  # fmt: skip
_WORD = "|".join(sorted(MONTHS, key=len, reverse=True))
_SEP = r"\s*[./\-\s]\s*"
NUMBERS = re.compile(rf"(?<!\d)(\d{{1,2}}){_SEP}(\d{{1,2}}){_SEP}(\d{{4}}|\d{{2}})(?!\d)")
YEAR_FIRST = re.compile(rf"(?<!\d)(\d{{4}}){_SEP}(\d{{1,2}}){_SEP}(\d{{1,2}})(?!\d)")
MONTH_FIRST = re.compile(rf"\b({_WORD})\b\.?\s*(\d{{1,2}})(?:st|nd|rd|th)?\s*,?\s*(\d{{4}})(?!\d)", re.IGNORECASE)
DAY_FIRST = re.compile(rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)?\.?\s*({_WORD})\b\.?\s*,?\s*(\d{{4}})(?!\d)", re.IGNORECASE)
BARE = re.compile(r"^\s*(\d{8}|\d{6})\s*$")


@dataclass(frozen=True)
class Typed:
    """What was typed, taken apart."""

    words: tuple[str, ...] = ()
    days: tuple[date, ...] = ()  # the readings of a date, the usual one here first
    digits: str = ""  # of a telephone number
    number: int | None = None  # a record number

    @property
    def name(self) -> str:
        """The words as one normalised text."""
        return " ".join(self.words)

    @property
    def empty(self) -> bool:
        """Nothing to search by."""
        return not (self.words or self.days or self.digits or self.number)


def read(text: str, today: date) -> Typed:
    """Take `text` apart. Never raises, whatever the text."""
    text = without_hidden(text[:MOST]).replace("\x00", " ")
    days, rest = birth_dates(text, today)
    if BARE.match(text):
        rest = text  # eight digits may also be a telephone number
    numbers = re.findall(r"[+#(]?\d[\d\s().\-/+]*", rest)
    digits = phone_digits(" ".join(numbers))
    words = tuple(normalise(re.sub(r"[#\d]", " ", rest)).split()[:6])
    bare = rest.strip().lstrip("#").strip()
    number = int(bare) if re.fullmatch(r"[0-9]{1,9}", bare) else None
    return Typed(words, days, digits if len(digits) >= 3 else "", number)


def birth_dates(text: str, today: date) -> tuple[tuple[date, ...], str]:
    """The readings of the first date in the text, none after today, and the text without it."""
    for pattern, order in (
        (YEAR_FIRST, "ymd"), (NUMBERS, "mdy"), (MONTH_FIRST, "mdy"), (DAY_FIRST, "dmy"), (BARE, "bare"),
    ):  # fmt: skip
        if found := pattern.search(text):
            parts = _bare(found[1]) if order == "bare" else [(found.groups(), order)]
            readings = [day for groups, how in parts for day in _readings(groups, how, today)]
            if readings:
                return tuple(dict.fromkeys(readings)), text[: found.start()] + " " + text[found.end() :]
    return (), text


def _bare(text: str) -> list[tuple[tuple[str, ...], str]]:
    """Digits without signs between: 05141992, 19920514, 051492."""
    if len(text) == 8:
        return [((text[:2], text[2:4], text[4:]), "mdy"), ((text[:4], text[4:6], text[6:]), "ymd")]
    return [((text[:2], text[2:4], text[4:]), "mdy")]


def _readings(groups: tuple[str, ...], order: str, today: date) -> list[date]:
    """Month first, as here; day first where that is no date, and after it where both are."""
    found = dict(zip(order, groups, strict=True))
    month, day = found["m"].casefold(), found["d"].casefold()
    pairs = [(MONTHS.get(month, month), MONTHS.get(day, day))]
    if order == "mdy" and month.isdigit():
        pairs.append((day, month))
    return [made for m, d in pairs for year in _years(found["y"], today) if (made := _day(year, int(m), int(d), today))]


def _years(text: str, today: date) -> list[int]:
    """A year of two digits is the latest one that can have been."""
    if len(text) == 4:
        return [int(text)]
    century = today.year - today.year % 100
    return [year for year in (century + int(text), century - 100 + int(text)) if year <= today.year][:1]


def _day(year: int, month: int, day: int, today: date) -> date | None:
    try:
        made = date(year, month, day)
    except ValueError:
        return None
    return made if date(today.year - 130, 1, 1) <= made <= today else None
