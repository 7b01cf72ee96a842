"""A table that stands as a list on a phone names the column of every cell, or is led by it."""

import re
from pathlib import Path

import pytest

STACKED = [
    path
    for path in sorted(Path("templates").rglob("*.html"))
    if re.search(r'<table class="[^"]*\bstacks\b', path.read_text())
]
CELL = re.compile(r"<td\b[^>]*>")
PLAIN = re.compile(r'data-label|class="[^"]*\b(first|tick|none)\b|colspan')


def test_there_are_some() -> None:
    assert len(STACKED) >= 6


@pytest.mark.parametrize("path", STACKED, ids=str)
def test_at_most_two_cells_of_a_table_say_nothing(path: Path) -> None:
    """The cell of acts, and who or what the row is about, need no name; every other has one."""
    for table in re.findall(r"<tbody.*?</tbody>", path.read_text(), re.DOTALL):
        assert len([cell for cell in CELL.findall(table) if not PLAIN.search(cell)]) <= 2
