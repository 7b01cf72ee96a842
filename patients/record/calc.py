"""Arithmetic of a person: age, names made comparable for search, digits of a telephone number, text fit to store."""

import re
import unicodedata
from datetime import date

from clinic.refusal import Refused

MOST_YEARS = 120

# Letters that Unicode does not take apart into a base letter and a mark; casefold has been applied before.
PLAIN = str.maketrans({
    "đ": "d", "ð": "d", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "þ": "th", "ħ": "h", "ŧ": "t", "ı": "i", "ŋ": "n",
    "ĸ": "k", "ə": "e", "ɓ": "b", "ɗ": "d", "ƙ": "k", "ŀ": "l",
})  # fmt: skip

APOSTROPHES = "'’‘ʼʻ`´ʹ′＇"

# Control characters but tab and line breaks, and halves of characters; PostgreSQL or a reader would choke on them.
UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
JOINERS = frozenset("\u200c\u200d")  # part of correct spelling in Persian, Hindi and others


def age(born_on: date, today: date) -> int:
    """Completed years. Somebody born on February 29 is a year older on March 1 of a common year.

    Raises ValueError if the birth date lies after today.
    """
    if born_on > today:
        raise ValueError("The birth date is in the future.")
    return today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))


def birth_date_problem(born_on: date, today: date) -> str | None:
    """Why a birth date cannot be, in a sentence; None: it can."""
    if born_on > today:
        return "The birth date is in the future."
    if age(born_on, today) > MOST_YEARS:
        return f"The birth date is more than {MOST_YEARS} years ago."
    return None


def normalise(text: str) -> str:
    """Words made comparable: lower case, no accents, no apostrophes, single spaces instead of other signs.

    "O’Shea" and "OSHEA" become "oshea", "Thảo Nguyễn" "thao nguyen", "Grünewald-Groß" "grunewald gross". Letters of
    other scripts stay; invisible characters and marks of direction go.
    """
    folded = without_hidden(text).casefold().translate(PLAIN)
    base = "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))
    kept = "".join(c for c in base.casefold().translate(PLAIN) if c not in APOSTROPHES)
    return " ".join(re.sub(r"[^\w\s]|_", " ", kept).split())


def search_text(family_name: str, given_name: str, preferred_name: str = "") -> str:
    """What a patient is found by: the normalised family, given and preferred name, in this order."""
    return " ".join(part for part in map(normalise, (family_name, given_name, preferred_name)) if part)


def phone_digits(text: str) -> str:
    """The digits of a telephone number, or of a part of one, whatever stands between them; digits of any script."""
    return "".join(str(unicodedata.digit(c)) for c in text if unicodedata.digit(c, None) is not None)


def initials(*names: str) -> str:
    """The first letter of each name, in capitals: "MO". Names without a letter give none."""
    firsts = (next((c for c in unicodedata.normalize("NFC", name) if c.isalpha()), "") for name in names)
    return "".join(firsts).upper()


def without_hidden(text: str) -> str:
    """The text without characters that are not seen: zero width, marks of direction, soft hyphens, variation signs."""
    return "".join(c for c in text if unicodedata.category(c) != "Cf" and not "\ufe00" <= c <= "\ufe0f")


def text_problem(text: str, *, most: int | None = None) -> str | None:
    """Why a text cannot be stored, in a sentence that repeats none of its words; None: it can.

    Refused: NUL and other control characters but tab and line break, halves of characters, more than `most` characters.
    """
    if most is not None and len(text) > most:
        return f"The text has {len(text):,} characters; {most:,} is the most."
    if found := UNSTORABLE.search(text):
        position, code = found.start() + 1, f"U+{ord(found[0]):04X}"
        return f"Character {position} cannot be stored ({code}); delete it, or paste the text without formatting."
    return None


def clean_text(text: str, *, most: int | None = None, field: str = "") -> str:
    """The text fit to store: line breaks as one character, nothing else changed. Raises Refused by `text_problem`."""
    lined = text.replace("\r\n", "\n").replace("\r", "\n")
    if sentence := text_problem(lined, most=most):
        raise Refused(sentence, field=field)
    return lined


def clean_line(text: str, *, most: int | None = None, field: str = "") -> str:
    """One line fit to store, such as a name: trimmed, single spaces, without marks of direction and hidden signs.

    Joiners inside a word stay, they are spelling. Nothing visible left gives an empty text. Raises Refused.
    """
    visible = "".join(c for c in clean_text(text, field=field) if c in JOINERS or unicodedata.category(c) != "Cf")
    line = " ".join(visible.split())
    if not without_hidden(line).strip():
        return ""
    if sentence := text_problem(line, most=most):
        raise Refused(sentence, field=field)
    return line
