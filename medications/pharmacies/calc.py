"""Arithmetic of prescriptions on their way: NCPDP numbers, quantities in words, verification codes, what is left."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

SMALL = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
ONES = (*SMALL.split(" "), "seventeen", "eighteen", "nineteen")
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
PARTS = {Decimal("0.25"): "a quarter", Decimal("0.5"): "a half", Decimal("0.75"): "three quarters"}
# Crockford's: no I, L, O, U, so that a code read aloud or from a fax is not misread.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MISREAD = str.maketrans("OILU", "011V")
CODE_LENGTH = 12  # sixty bits
SALT = b"tandem.prescription.v1:"


def ncpdp_check(six: str) -> int:
    """The seventh digit of an NCPDP provider id: odd places once, even places twice, the last digit of the sum."""
    return sum(int(digit) * (1 + place % 2) for place, digit in enumerate(six)) % 10


def is_ncpdp(text: str) -> bool:
    """Whether it is seven digits with the right check digit."""
    plain = len(text) == 7 and text.isascii() and text.isdigit()
    return plain and ncpdp_check(text[:6]) == int(text[6])


def in_words(value: Decimal) -> str:
    """A quantity under ten million in words: thirty; twenty-two and a half; four point one two five."""
    whole, part = divmod(value, 1)
    words = _whole(int(whole))
    if not part:
        return words
    if part in PARTS:
        return PARTS[part] if not whole else f"{words} and {PARTS[part]}"
    digits = f"{part.normalize():f}".partition(".")[2]
    return f"{words} point {' '.join(ONES[int(one)] for one in digits)}"


def _whole(number: int) -> str:
    if number < 20:
        return ONES[number]
    if number < 100:
        tens, one = divmod(number, 10)
        return TENS[tens - 2] + (f"-{ONES[one]}" if one else "")
    for size, name in ((1_000_000, "million"), (1_000, "thousand"), (100, "hundred")):
        if number >= size:
            many, rest = divmod(number, size)
            return f"{_whole(many)} {name}" + (f" {_whole(rest)}" if rest else "")
    raise AssertionError(number)


def verification_code(content: Mapping[str, Any], key: str) -> str:
    """A code over everything that the document says: three groups of four. Another key or another word, another code.

    HMAC-SHA-256 over the content as canonical JSON, cut to sixty bits.
    """
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
    number = int.from_bytes(hmac.digest(SALT + key.encode(), text, hashlib.sha256)[:8]) >> 4
    letters = []
    for _ in range(CODE_LENGTH):
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place])
    code = "".join(reversed(letters))
    return "-".join(code[start : start + 4] for start in range(0, CODE_LENGTH, 4))


def read_code(typed: str) -> str:
    """What somebody typed as the code it means: case, spaces, dashes and misread letters do not matter; "" for none."""
    plain = "".join(c for c in typed.upper() if c.isalnum()).translate(MISREAD)
    if len(plain) != CODE_LENGTH or any(c not in ALPHABET for c in plain):
        return ""
    return "-".join(plain[start : start + 4] for start in range(0, CODE_LENGTH, 4))


def same_code(content: Mapping[str, Any], code: str, keys: Sequence[str]) -> bool:
    """Whether the code belongs to the content, by any of the keys (newest first; older ones still prove)."""
    return any(hmac.compare_digest(verification_code(content, key), code) for key in keys)


def fills_left(refills: int, fills: int) -> int:
    """How many fills a pharmacy may still give: the first and its refills, without those that were told."""
    return max(0, refills + 1 - fills)
