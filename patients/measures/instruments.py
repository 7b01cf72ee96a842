"""The questionnaires as versioned, immutable data (R-MB-02), read once from data/instruments.json."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from patients.measures.enums import Method

DATA = Path(__file__).parent / "data" / "instruments.json"

# The data describe a method in words; a method nobody taught us must fail at loading, not score wrongly.
METHODS = {
    "sum": Method.SUM,
    "sum x 4": Method.SUM_TIMES_4,
    "count of items at or above their own threshold (items 1 to 3 from 'sometimes' = 2; items 4 to 6 from 'often' = 3)":
        Method.THRESHOLDS,
    "sum of nine domains (highest of items 1-4, 6-9, 15-16; others single)": Method.DOMAINS,
    "count of 13 yes answers plus co-occurrence yes plus problem level moderate or serious": Method.FIRST_13,
    "triage": Method.TRIAGE,
}  # fmt: skip

# Short names that do not stand in parentheses in the full name.
SHORT_NAMES = {"cssrs_screen": "C-SSRS", "who5": "WHO-5"}

# R-MB-03 speaks of any score; the data give PHQ-A no sizes of its own, but it has the range of the PHQ-9.
RESPONSE_BY_RULE = {"phqa": "50% fall"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One possible answer."""

    value: int
    label: str


@dataclass(frozen=True, slots=True)
class Item:
    """One question. Its text is fixed wording and is shown as it is."""

    n: int
    text: str
    choices: tuple[Choice, ...]
    loinc: str
    scored: bool
    required: bool
    group: str
    follow_up: str


@dataclass(frozen=True, slots=True)
class Band:
    """A range of totals, both ends included, and its name."""

    least: int
    most: int
    label: str


@dataclass(frozen=True, slots=True)
class Subscale:
    """A part of the items with a sum of its own."""

    key: str
    label: str
    items: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Alert:
    """An item whose answer from `least` up must be answered by somebody, whatever the total (R-MB-07)."""

    n: int
    least: int
    action: str

    @property
    def is_risk(self) -> bool:
        """Whether it is about suicide or self-harm and raises a risk flag (R-MB-07)."""
        return "R-MB-07" in self.action


@dataclass(frozen=True, slots=True)
class Sizes:
    """What counts as change (R-MB-03, R-MB-04). None: nothing published, so nothing is claimed."""

    reliable: int | None = None
    response_percent: int | None = None
    response_points: int | None = None
    remission_below: int | None = None
    recovery_below: int | None = None
    recovery_above: int | None = None
    alternatives: tuple[int, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Instrument:
    """One version of a questionnaire."""

    key: str
    name: str
    short_name: str
    measures: str
    version: str
    recall: str
    respondent: str
    instructions: str
    stem: str
    attribution: str
    licence: str
    source: str
    confidence: str
    note: str
    items: tuple[Item, ...]  # empty where the wording may not be shipped
    item_count: int
    item_values: tuple[int, ...]  # allowed answers where `items` is empty; empty: not known
    method: Method
    score_items: tuple[int, ...]
    subscales: tuple[Subscale, ...]
    range: tuple[int, int] | None
    bands: tuple[Band, ...]
    higher_is_worse: bool
    alerts: tuple[Alert, ...]
    sizes: Sizes
    minimum_days: int | None  # between two totals used for change (R-MB-05)

    @property
    def on_screen(self) -> bool:
        """Whether the patient or the clinician may answer it here, item by item."""
        return bool(self.items)

    @property
    def by_patient(self) -> bool:
        """Whether the patient answers it alone, at the desk's device for example."""
        return self.on_screen and self.respondent == "patient"

    @property
    def numbers(self) -> tuple[int, ...]:
        """The item numbers in the order in which answers are stored (PC-PTSD-5 begins at 0)."""
        return tuple(item.n for item in self.items) or tuple(range(1, self.item_count + 1))

    def item(self, n: int) -> Item:
        """The item with number `n`. Raises KeyError."""
        for item in self.items:
            if item.n == n:
                return item
        raise KeyError(n)

    def values(self, n: int) -> tuple[int, ...]:
        """The answers that item `n` allows; empty where they are not known."""
        return tuple(choice.value for choice in self.item(n).choices) if self.items else self.item_values


@cache
def everything() -> dict[str, Instrument]:
    """All instruments by key, in the order of the data."""
    raw = json.loads(DATA.read_text(encoding="utf-8"))
    return {row["key"]: _instrument(row) for row in raw["instruments"]}


def get(key: str) -> Instrument:
    """The instrument with this key. Raises KeyError."""
    return everything()[key]


@cache
def on_screen() -> tuple[Instrument, ...]:
    """The instruments whose items may be shown and answered here."""
    return tuple(found for found in everything().values() if found.on_screen)


def _instrument(row: dict[str, Any]) -> Instrument:
    scoring, licence = row["scoring"], row["licence"]
    items = tuple(_item(item) for item in row["items"] or ())
    count = row.get("item_count") or len(items) or len(row.get("item_topics", ()))
    method = METHODS[scoring["method"]]
    return Instrument(
        key=row["key"],
        name=row["name"],
        short_name=_short_name(row["key"], row["name"]),
        measures=row["measures"],
        version=row["version"] or "",
        recall=row["recall"],
        respondent=row["respondent"],
        instructions=row.get("instructions") or row.get("instructions_own_words") or "",
        stem=row.get("stem", ""),
        attribution=licence["attribution"] or "",
        licence=licence["text"],
        source=row["source"],
        confidence=row["confidence"],
        note=row.get("note", ""),
        items=items,
        item_count=count,
        item_values=tuple(row.get("item_values") or ()),
        method=method,
        score_items=_score_items(scoring.get("items"), method, count),
        subscales=tuple(Subscale(s["key"], s.get("label", s["key"]), tuple(s["items"])) for s in scoring["subscales"]),
        range=(scoring["range"][0], scoring["range"][1]) if scoring["range"] else None,
        bands=tuple(Band(b["min"], b["max"], b["label"]) for b in row["bands"] or () if "min" in b),
        higher_is_worse=row["direction"] == "higher is worse",
        alerts=tuple(_alert(a) for a in row["alert_items"] if isinstance(a["n"], int)),
        sizes=_sizes(row["change"] or {"response": RESPONSE_BY_RULE.get(row["key"])}),
        minimum_days=row["minimum_days_between_totals"],
    )


def _item(row: dict[str, Any]) -> Item:
    return Item(
        n=row["n"],
        text=row["text"],
        choices=tuple(Choice(choice["value"], choice["label"]) for choice in row["choices"]),
        loinc=row["code_loinc"] or "",
        scored=row.get("scored", True),
        required=row.get("required", True),
        group=row.get("group", ""),
        follow_up=row.get("follow_up", ""),
    )


def _score_items(listed: list[int] | None, method: Method, count: int) -> tuple[int, ...]:
    if listed:
        return tuple(listed)
    # MDQ: items 14 and 15 qualify a positive screen and are not counted.
    return tuple(range(1, 14 if method is Method.FIRST_13 else count + 1))


def _alert(row: dict[str, Any]) -> Alert:
    found = re.fullmatch(r"value (>=?) (\d+)", row["when"])
    if not found:
        raise ValueError(f"An alert that cannot be read: {row['when']}")
    return Alert(row["n"], int(found[2]) + (found[1] == ">"), row["action"])


def _sizes(row: dict[str, Any]) -> Sizes:
    response = row.get("response") or ""
    percent = re.fullmatch(r"(\d+)% fall", response)
    points = re.fullmatch(r"fall of (\d+) or more", response)
    if response and not percent and not points:
        raise ValueError(f"A response that cannot be read: {response}")
    return Sizes(
        reliable=row.get("reliable"),
        response_percent=int(percent[1]) if percent else None,
        response_points=int(points[1]) if points else None,
        remission_below=row.get("remission_below"),
        recovery_below=row.get("recovery_below"),
        recovery_above=row.get("recovery_above"),
        alternatives=tuple(other["reliable"] for other in row.get("alternatives", ())),
        note=row.get("note", ""),
    )


def _short_name(key: str, name: str) -> str:
    found = re.search(r"\(([^()]+)\)", name)
    return SHORT_NAMES.get(key) or (found[1] if found else name)
