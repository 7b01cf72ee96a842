"""Every code that the audit says in words is a page or an action of the practice: no word outlives its page."""

import re
from pathlib import Path

from django.conf import settings
from django.urls import get_resolver

from clinic.audit.words import THINGS

HOUSES = ("clinic", "patients", "medications", "therapy")


def pages() -> set[str]:
    """The names of all pages, as the audit has them."""
    spaces = get_resolver().namespace_dict.items()
    return {f"{space}.{name}" for space, (_, part) in spaces for name in part.reverse_dict if isinstance(name, str)}


def written() -> str:
    """The code of all houses."""
    files = [one for house in HOUSES for one in Path(settings.BASE_DIR, house).rglob("*.py")]
    return "\n".join(one.read_text() for one in files if one.name != "words.py" or one.parent.name != "audit")


def test_every_code_is_somebodys() -> None:
    """An action is written as it stands, or put together from its room and a word of its own: `tapers.{kind}`."""
    code, known = written(), pages()
    rooms = set(re.findall(r'f"([a-z]+)\.\{', code))
    lost = [
        one for one in THINGS
        if one not in known and f'"{one}"' not in code
        and not (one.partition(".")[0] in rooms and f'"{one.partition(".")[2]}"' in code)
    ]  # fmt: skip
    assert lost == []


def test_the_way_from_order_to_pick_up_is_told_in_words() -> None:
    """Whatever these rooms write into the audit: whoever reads how a medicine came about meets no code."""
    rooms = ("prescribing", "refills", "pharmacies", "monitoring")
    code = "\n".join(
        one.read_text() for room in rooms for one in Path(settings.BASE_DIR, "medications", room).rglob("*.py")
    )
    calls = r'(?:what=|_told\(|_decide\(request, |"approved", |"bridged", )'
    told = set(re.findall(f'{calls}"((?:{"|".join(rooms)})\\.[a-z_]+)"', code))
    assert len(told) > 30
    assert sorted(told - set(THINGS)) == []
