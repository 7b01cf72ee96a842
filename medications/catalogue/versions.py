"""What changes between two versions of reference data: added, removed, and each changed field, old → new. Pure."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

LONGEST = 160  # characters of a value that are told; the file has the rest


def entries(old: Mapping[str, Any], new: Mapping[str, Any], kind: str = "") -> list[str]:
    """A sentence a change. `old`, `new`: entries by their name; `kind` (“interaction”) stands before the name."""
    before = f"{kind} " if kind else ""
    said = [f"{before}{name} is new" for name in sorted(new.keys() - old.keys())]
    said += [f"{before}{name} is gone" for name in sorted(old.keys() - new.keys())]
    for name in sorted(old.keys() & new.keys()):
        said += [f"{before}{name}: {change.strip()}" for change in fields(old[name], new[name])]
    return said


def fields(old: Any, new: Any, path: str = "") -> Iterator[str]:
    """Every place at which two values differ: `adult.start_mg_per_day 25 → 50`; lists say what came and what went."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted(old.keys() | new.keys()):
            place = f"{path}.{key}" if path else str(key)
            yield from fields(old.get(key), new.get(key), place)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _lists(old, new, path)
    elif old != new or type(old) is not type(new):
        yield f"{path} {shown(old)} → {shown(new)}"


def _lists(old: Sequence[Any], new: Sequence[Any], path: str) -> Iterator[str]:
    if old == new:
        return
    gone, come = _without(old, new), _without(new, old)
    if len(gone) == len(come) == 1 and isinstance(gone[0], Mapping) and isinstance(come[0], Mapping):
        yield from fields(gone[0], come[0], f"{path}[{old.index(gone[0])}]")
        return
    yield from (f"{path} loses {shown(one)}" for one in gone)
    yield from (f"{path} gains {shown(one)}" for one in come)
    if not gone and not come:
        yield f"{path} {shown(old)} → {shown(new)}"  # the order, or how often something stands in it


def _without(some: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    return [one for one in some if one not in others]


def shown(value: Any) -> str:
    """A value as it stands in the data, cut where it is long; nothing is said as “nothing”."""
    if value is None or value == "":
        return "nothing"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def by(rows: Iterable[Mapping[str, Any]], key: str) -> dict[str, Mapping[str, Any]]:
    """Entries by what names them. Raises ValueError where two have the same name."""
    found: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        if row[key] in found:
            raise ValueError(f"“{row[key]}” stands there twice.")
        found[row[key]] = row
    return found
