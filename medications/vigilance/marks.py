"""A mark for each drug of all that the checks can say about it: an order is checked anew when its drug's mark changes.

A version of the knowledge changes a few rules. The orders of drugs that none of them names are answered as before.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from medications.safety import engine
from medications.safety.facts import Limits
from medications.safety.knowledge import DrugFacts, Knowledge

READS = ("essence.py", "scopes.py", "reading.py", "marks.py")


@cache
def _code() -> bytes:
    """The files that hold the rules of the checks and what the night reads for them.

    A release that changes one checks everything anew.
    """
    rules, here = Path(engine.__file__).parent, Path(__file__).parent
    return b"".join(path.read_bytes() for path in (*sorted(rules.glob("*.py")), *(here / name for name in READS)))


def marks(known: Knowledge, limits: Limits) -> dict[str, str]:
    """By generic name: of every rule that names the drug on either side, and of what all drugs have in common.

    In common are the drugs themselves (a rule may look at the classes of another one), their names, the practice's
    tuning and numbers, and the code. Sixteen characters each.
    """
    common = [
        [asdict(drug) for _, drug in sorted(known.drugs.items())], sorted(known.names.items()), known.titrations,
        known.longest_washout, sorted(limits.lowered), limits.risk_days, limits.v_as_iii,
    ]  # fmt: skip
    start = hashlib.sha256(_code() + _text(common))
    rows = (*known.interactions, *known.cautions, *known.lifestyle, *known.allergy_cross)
    rules = [(row, _text(row)) for row in rows]
    found = {}
    for name, drug in known.drugs.items():
        mark = start.copy()
        for row, text in rules:
            if _names(row, drug):
                mark.update(text)
        found[name] = mark.hexdigest()[:16]
    return found


def _names(row: Mapping[str, Any], drug: DrugFacts) -> bool:
    """Whether a rule is about the drug: an interaction on either side, the others on their own."""
    return any(drug.is_a(row[side]) for side in ("a", "b", "drug") if side in row)


def _text(value: Any) -> bytes:
    """The same in every process: sets have no order of their own."""
    return json.dumps(value, sort_keys=True, default=_plain).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"no text for {type(value)}")
