"""What must be measured while a drug is taken: protocols, predicates, tables; read once, with its version."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from medications.catalogue import versions
from medications.safety import knowledge as drugs
from medications.safety.knowledge import DrugFacts

DATA = Path(__file__).parent / "data" / "monitoring.json"
WINDOW = 90  # days before the start in which a first measurement counts, where the data say nothing else
# Attested where a controlled substance is signed (R-RX-10), so not asked here as well.
ELSEWHERE = "PDMP"
# A result of one of these counts as the other: an index follows from the weight, a blood count from its counts.
COUNTS_AS = {"39156-5": ("29463-7",), "58410-2": ("777-3", "751-8")}
PHQ9, PHQ9_ITEM_9, AIMS, WEIGHT, BMI, ANC = "44261-6", "44260-8", "aims", "29463-7", "39156-5", "751-8"
# What people call it in a sentence; anything else by the first words of its name.
SHORT = {
    "14334-7": "lithium level", "4086-5": "valproate level", "3432-2": "carbamazepine level",
    "98979-8": "eGFR (kidneys)", "2160-0": "creatinine (kidneys)", "2951-2": "sodium", "2823-3": "potassium",
    "17861-6": "calcium", "3016-3": "TSH (thyroid)", "58410-2": "blood count", "29463-7": "weight",
    "39156-5": "body mass index", "2106-3": "pregnancy test", "8636-3": "ECG (QTc)", "1742-6": "ALT (liver)",
    "1920-8": "AST (liver)", "777-3": "platelets", "16362-6": "ammonia", "57979-7": "HLA-B*15:02 test",
    "751-8": "neutrophil count (ANC)", "8480-6": "systolic blood pressure", "8462-4": "diastolic blood pressure",
    "8867-4": "heart rate", "8310-5": "temperature", "1988-5": "C-reactive protein", "6598-7": "troponin",
    "8280-0": "waist", "1558-6": "fasting glucose", "24331-1": "fasting lipids", "19123-9": "magnesium",
    "8302-2": "height", "44261-6": "PHQ-9", "44260-8": "PHQ-9 item 9", "2842-3": "prolactin",
    "1963-8": "bicarbonate", "1975-2": "bilirubin (liver)", "4548-4": "A1c", "aims": "AIMS (movements)",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """When something is due: so many days after an anchor, again every so many, until, only if a predicate holds."""

    anchor: str
    after: int
    every: int | None = None
    until: int | None = None
    only_if: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """low and critical_low fire below their number, high and critical_high at theirs or above."""

    critical_low: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    critical_high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to measure or to ask. `code`: its LOINC code, else a key of ours that says nothing by itself."""

    code: str
    name: str
    kind: str  # lab, vital, ecg, scale, question
    unit: str
    baseline: bool
    baseline_if: str | None
    rules: tuple[Rule, ...]
    limits: Limits
    by_sex: Mapping[str, Limits]
    blocks: int | None  # days overdue after which no refill is silent (R-MO-99)
    plausible: tuple[Decimal, Decimal] | None
    lab_range: bool
    x_uln: Limits
    positive: bool  # a positive answer alerts
    gain: str  # what a weight that rose says
    optional: bool
    counts: tuple[str, ...]  # codes whose result counts as this one, its own first
    notes: tuple[str, ...]

    @property
    def short(self) -> str:
        """What people call it."""
        if self.question:
            return self.name.split(";")[0]
        return SHORT.get(self.code) or self.name.split(",")[0].split(" (")[0]

    @property
    def title(self) -> str:
        """The same where a sentence or a heading begins: Lithium level; an abbreviation keeps its writing, eGFR."""
        return self.short if self.short[1:2].isupper() else self.short[:1].upper() + self.short[1:]

    @property
    def question(self) -> bool:
        """Whether it is asked in person, not measured."""
        return self.kind == "question"


# Counts as a fasting glucose; no protocol asks for it by itself.
A1C = Item(
    code="4548-4", name="Hemoglobin A1c", kind="lab", unit="%", baseline=False, baseline_if=None, rules=(),
    limits=Limits(), by_sex={}, blocks=None, plausible=(Decimal(3), Decimal(20)), lab_range=True, x_uln=Limits(),
    positive=False, gain="", optional=True, counts=("4548-4",), notes=(),
)  # fmt: skip


@dataclass(frozen=True)
class Protocol:
    """What one drug, or group of drugs, asks for. `profiles`: the rules that a guideline replaces, by code."""

    key: str
    title: str
    applies: tuple[Mapping[str, str], ...]
    items: tuple[Item, ...]
    watch: tuple[str, ...]
    profiles: Mapping[str, Mapping[str, tuple[Rule, ...]]]
    first_too: Mapping[str, frozenset[str]]  # by profile: codes that it wants before the start as well
    default: str
    windows: Mapping[str, int]
    starts: tuple[Mapping[str, Any], ...]  # what stands against starting
    anc: Mapping[str, Any]
    source: tuple[str, ...]
    confidence: str

    def by(self, profile: str) -> tuple[Item, ...]:
        """The items as the profile has them; an unknown one is the default."""
        chosen = self.profiles.get(profile) or {}
        first = self.first_too.get(profile) or frozenset()
        return tuple(
            replace(one, rules=chosen.get(one.code, one.rules), baseline=one.baseline or one.code in first)
            for one in self.items
        )

    def window(self, code: str) -> int:
        """How many days before the start a first measurement may lie."""
        return self.windows.get(code, WINDOW)


@dataclass(frozen=True)
class Knowledge:
    """Everything that monitoring knows."""

    version: str
    protocols: Mapping[str, Protocol]
    predicates: Mapping[str, Mapping[str, Any]]
    attribution: str
    found: dict[str, tuple[Protocol, ...]] = field(default_factory=dict, repr=False)

    def of(self, drug: DrugFacts | None) -> tuple[Protocol, ...]:
        """The protocols of a drug; none for what the catalogue does not hold. Kept once found."""
        if drug is None:
            return ()
        if drug.name not in self.found:
            self.found[drug.name] = tuple(
                one for one in self.protocols.values() if any(drug.is_a(what) for what in one.applies)
            )
        return self.found[drug.name]

    def items(self, code: str) -> Iterator[tuple[Protocol, Item]]:
        """Every protocol that asks for the code, with its item."""
        for protocol in self.protocols.values():
            for item in protocol.items:
                if item.code == code:
                    yield protocol, item

    def item(self, code: str) -> Item | None:
        """The first item of that code."""
        return next((item for _, item in self.items(code)), A1C if code == A1C.code else None)

    def codes(self) -> dict[str, Item]:
        """Everything that can be recorded, by code."""
        found: dict[str, Item] = {A1C.code: A1C}
        for protocol in self.protocols.values():
            for item in protocol.items:
                found.setdefault(item.code, item)
        return found


def key_of(protocol: str, name: str) -> str:
    """A code for what has none: nothing clinical can be read in it, because it stands in addresses (R-HS-07)."""
    if protocol == AIMS and name.startswith("AIMS"):
        return AIMS
    return "t-" + hashlib.sha256(f"{protocol}:{name}".encode()).hexdigest()[:8]


def _limits(entry: Mapping[str, Any]) -> Limits:
    values = {key: entry.get(key) for key in ("critical_low", "low", "high", "critical_high")}
    return Limits(**{key: None if value is None else Decimal(str(value)) for key, value in values.items()})


def _rules(entries: list[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """The rules, those of start and change with the same numbers joined into one of the change."""
    found = [Rule(e["anchor"], e["after_days"], e["repeat_every_days"], e["until_days"], e["only_if"]) for e in entries]
    twins = {replace(one, anchor="start") for one in found if one.anchor == "dose_change"}
    both = [replace(one, anchor="either") for one in found if one.anchor == "start" and one in twins]
    return tuple(
        [one for one in found if not (one.anchor in ("start", "dose_change") and replace(one, anchor="either") in both)]
        + both
    )


def _item(protocol: str, entry: Mapping[str, Any]) -> Item:
    code = entry["code"] or key_of(protocol, entry["name"])
    plausible = entry.get("plausible")
    more = [entry["alternative_code"]] if entry.get("alternative_code") else []
    gain = entry.get("alert_if") or {}
    return Item(
        code=code, name=entry["name"], kind=entry["kind"], unit=entry["unit"] or "", baseline=bool(entry["baseline"]),
        baseline_if=entry["baseline_if"] or None, rules=_rules(entry["due"]), limits=_limits(entry["alert"]),
        by_sex={sex: _limits(one) for sex, one in (entry.get("alert_by_sex") or {}).items()},
        blocks=entry["blocks_refill_when_overdue_days"],
        plausible=(Decimal(str(plausible["low"])), Decimal(str(plausible["high"]))) if plausible else None,
        lab_range=bool(entry.get("use_lab_range")), x_uln=_limits(entry.get("alert_x_uln") or {}),
        positive=entry.get("alert_text") == "positive",
        gain=gain.get("text", "") if gain.get("predicate") == "weight_gain_5pct" else "",
        optional=bool(entry.get("optional")), counts=(code, *more, *COUNTS_AS.get(code, ())),
        notes=tuple(entry[key] for key in ("sample_note", "target_note", "unit_note", "note") if entry.get(key)),
    )  # fmt: skip


def _protocol(entry: Mapping[str, Any]) -> Protocol:
    items = tuple(_item(entry["key"], one) for one in entry["items"] if not one["name"].startswith(ELSEWHERE))
    weighed = any(one.code == WEIGHT for one in items)
    profiles, first = {}, {}
    for profile in entry["profiles"]:
        changed = profile.get("overrides") or []
        profiles[profile["key"]] = {code: _rules(one["due"]) for one in changed for code in one["codes"]}
        first[profile["key"]] = frozenset(code for one in changed if one.get("baseline") for code in one["codes"])
    tests = [one["test"] or {} for one in entry["blocks_start"]]
    missing = [test["missing_within_days"] for test in tests if "missing_within_days" in test]
    return Protocol(
        key=entry["key"], title=entry["title"], applies=tuple(entry["applies_to"]),
        items=tuple(one for one in items if not (weighed and one.code == BMI)), watch=tuple(entry["watch_signs"]),
        profiles=profiles, first_too=first,
        default=next((one["key"] for one in entry["profiles"] if one["default"]), ""),
        windows={code: one["days"] for one in missing for code in one["codes"]}, starts=tuple(entry["blocks_start"]),
        anc=entry.get("anc_table") or {}, source=tuple(entry["source"]), confidence=entry["confidence"],
    )  # fmt: skip


def assemble(raw: Mapping[str, Any], version: str) -> Knowledge:
    """Knowledge from the reference data."""
    protocols = {one["key"]: _protocol(one) for one in raw["protocols"]}
    return Knowledge(
        version,
        {key: one for key, one in protocols.items() if one.items},
        {one["key"]: one for one in raw["predicates"]},
        raw["meta"]["attribution"],
    )


@cache
def current() -> Knowledge:
    """The knowledge of this installation, read once. Its version names data and drugs together."""
    raw = DATA.read_bytes()
    data = json.loads(raw)
    stamp = hashlib.sha256(drugs.current().version.encode() + raw).hexdigest()[:8]
    return assemble(data, f"{data['meta']['version']} {stamp}")


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What a newer version of the data changes, a sentence each with old → new; for whoever reviews an upgrade."""
    said = []
    before, after = ({one["key"]: one for one in raw["protocols"]} for raw in (old, new))
    said += [f"protocol {key} is new" for key in after if key not in before]
    said += [f"protocol {key} is gone" for key in before if key not in after]
    for key in sorted(set(before) & set(after)):
        was, now = ({one["name"]: one for one in raw[key]["items"]} for raw in (before, after))
        said += [f"{key}: asks for {name}" for name in now if name not in was]
        said += [f"{key}: no longer asks for {name}" for name in was if name not in now]
        for name in sorted(set(was) & set(now)):
            said += [f"{key}: {name}: {change}" for change in versions.fields(was[name], now[name])]
        old_rest, new_rest = (
            {field: value for field, value in raw[key].items() if field != "items"} for raw in (before, after)
        )
        said += [f"{key}: {change}" for change in versions.fields(old_rest, new_rest)]
    return said
