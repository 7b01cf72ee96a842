"""The structured content of a signed note as lines to read, whatever room it came from."""

from collections.abc import Mapping
from typing import Any

HIDDEN = ("id", "key")


def facts(extra: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """Label and lines of each fact that holds something, in the order in which it was stored.

    Names of fields become labels; of a row its words are joined, ids and keys left out; yes is shown, no is not.
    """
    found = []
    for name, value in extra.items():
        if name in HIDDEN or name.endswith("_key") or value in ("", None, False, [], {}):
            continue
        rows = value if isinstance(value, list) else [value]
        lines = [line for row in rows if (line := _line(row))]
        if lines:
            found.append((name.replace("_", " ").capitalize(), lines))
    return found


def _line(row: Any) -> str:
    if row is True:
        return "yes"
    if isinstance(row, Mapping):
        words = [str(value) for name, value in row.items() if name not in HIDDEN and value not in ("", None)]
        return " · ".join(words)
    return str(row)
