"""The knowledge that the checks use: drugs, interactions, cautions, cross-allergies; in memory, with its version."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from medications.catalogue import load, versions
from patients.record.calc import normalise

DATA = Path(__file__).parent / "data" / "interactions.json"
KINDS = {
    "interactions": "interaction", "condition_cautions": "caution", "allergy_cross": "cross-allergy",
    "lifestyle_cautions": "lifestyle caution",
}  # fmt: skip
TITRATIONS = Path(__file__).parent / "data" / "titrations.json"


@dataclass(frozen=True, slots=True)
class DrugFacts:
    """A drug of the catalogue as the checks see it. `tags`: its own name and those of its components."""

    name: str
    tags: frozenset[str]
    classes: frozenset[str]
    schedule: str
    start_mg: Decimal | None
    usual_mg: tuple[Decimal, Decimal] | None
    max_mg: Decimal | None
    note: str
    elderly_note: str
    discontinuation: str
    toxicity: str
    source: tuple[str, ...]
    confidence: str

    def is_a(self, what: Mapping[str, str]) -> bool:
        """Whether a rule's side ({"ingredient"} or {"class"}) means this drug."""
        if "ingredient" in what:
            return what["ingredient"] in self.tags
        return what.get("class", "") in self.classes


@dataclass(frozen=True)
class Knowledge:
    """Everything the checks know. `names`: normalised generic and brand names to generic names."""

    version: str
    drugs: Mapping[str, DrugFacts]
    names: Mapping[str, str]
    interactions: tuple[Mapping[str, Any], ...]
    cautions: tuple[Mapping[str, Any], ...]
    allergy_cross: tuple[Mapping[str, Any], ...]
    lifestyle: tuple[Mapping[str, Any], ...] = ()
    titrations: tuple[Mapping[str, Any], ...] = ()
    of_drug: dict[tuple[str, str], tuple[Mapping[str, Any], ...]] = field(default_factory=dict, repr=False)
    asked: dict[str, tuple[str, ...]] = field(default_factory=dict, init=False, repr=False)
    pairs: dict[tuple[str, str], tuple[tuple[Mapping[str, Any], bool], ...]] = field(default_factory=dict, repr=False)
    sides: dict[str, tuple[frozenset[int], frozenset[int]]] = field(default_factory=dict, init=False, repr=False)

    def drug(self, name: str | None) -> DrugFacts | None:
        """The drug with this generic name; None for what the catalogue does not hold."""
        return self.drugs.get(name or "")

    def resolve(self, text: str) -> DrugFacts | None:
        """The drug that a typed generic or brand name means."""
        return self.drugs.get(self.names.get(normalise(text), ""))

    @cached_property
    def longest_washout(self) -> int:
        """The days for which a stopped drug stays in the checks."""
        stated = [r[side] or 0 for r in self.interactions for side in ("washout_days_a_to_b", "washout_days_b_to_a")]
        return int(max(stated))

    def about(self, what: str, drug: DrugFacts) -> tuple[Mapping[str, Any], ...]:
        """The cautions (`what` "cautions") or lifestyle rows ("lifestyle") that name the drug. Kept once found."""
        place = (what, drug.name)
        if place not in self.of_drug:
            rows = self.cautions if what == "cautions" else self.lifestyle
            self.of_drug[place] = tuple(row for row in rows if drug.is_a(row["drug"]))
        return self.of_drug[place]

    def titrated(self, name: str) -> bool:
        """Whether a table says how fast the drug's dose may rise."""
        drug = self.drug(name)
        return drug is not None and any(drug.is_a(one) for table in self.titrations for one in table["applies_to"])

    def title(self, rule_id: str) -> str:
        """What a rule of the data is about, in words without a patient: for the page of what is overridden."""
        for row in (*self.interactions, *self.cautions, *self.allergy_cross, *self.lifestyle):
            if row["id"] == rule_id:
                return _about(row)
        return ""

    def between(self, one: DrugFacts, other: DrugFacts) -> tuple[tuple[Mapping[str, Any], bool], ...]:
        """The rules that match two drugs, each with whether `one` is the rule's a. Kept once found."""
        place = (one.name, other.name)
        if place not in self.pairs:
            self.pairs[place] = tuple(self._matching(one, other))
        return self.pairs[place]

    def _matching(self, one: DrugFacts, other: DrugFacts) -> Iterable[tuple[Mapping[str, Any], bool]]:
        same = one.name == other.name
        (a, b), (other_a, other_b) = self._sides(one), self._sides(other)
        as_a = a & other_b
        for number in sorted(as_a | (b & other_a)):
            rule = self.interactions[number]
            if not same or (rule["kind"] == "duplicate" and rule.get("same_ingredient") == "warn"):
                yield rule, number in as_a

    def _sides(self, drug: DrugFacts) -> tuple[frozenset[int], frozenset[int]]:
        """The rules that name the drug as their a, and as their b. Kept once found."""
        if drug.name not in self.sides:
            a, b = (
                frozenset(number for number, rule in enumerate(self.interactions) if drug.is_a(rule[side]))
                for side in ("a", "b")
            )
            self.sides[drug.name] = (a, b)
        return self.sides[drug.name]


def _about(row: Mapping[str, Any]) -> str:
    def side(what: Mapping[str, str]) -> str:
        return next(iter(what.values())).replace("_", " ")

    if "a" in row:
        return f"{side(row['a'])} with {side(row['b'])}"
    if "condition" in row:
        return f"{row['condition']['label']}: {side(row['drug'])}"
    if "allergy" in row:
        return f"allergy to {side(row['allergy'])}: {side(row['drug'])}"
    return f"{row['event'].replace('_', ' ')}: {side(row['drug'])}"


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _drug(entry: Mapping[str, Any], components: Mapping[str, list[str]]) -> DrugFacts:
    adult, name = entry["adult"], entry["generic_name"]
    usual = adult["usual_mg_per_day"]
    return DrugFacts(
        name=name,
        tags=frozenset([name, *components.get(name, [])]),
        classes=frozenset(entry["classes"]),
        schedule=entry["dea_schedule"] or "",
        start_mg=_decimal(adult["start_mg_per_day"]),
        usual_mg=(Decimal(str(usual[0])), Decimal(str(usual[1]))) if usual and None not in usual else None,
        max_mg=_decimal(adult["label_max_mg_per_day"]),
        note=adult["note"] or "",
        elderly_note=entry["elderly_note"] or "",
        discontinuation=entry["discontinuation"] or "",
        toxicity=entry["overdose_toxicity"] or "",
        source=tuple(one for one in entry["source"] if not one.startswith(("RxNorm", "DEA schedule"))),
        confidence=entry["confidence"],
    )


def assemble(
    entries: list[dict[str, Any]], rules: Mapping[str, Any], version: str, titrations: Iterable[Mapping[str, Any]] = ()
) -> Knowledge:
    """Knowledge from the reference data. A combination has the classes of its components as well."""
    drugs = {entry["generic_name"]: _drug(entry, rules["ingredient_components"]) for entry in entries}
    for name, drug in list(drugs.items()):
        parts = [drugs[one].classes for one in drug.tags if one != name and one in drugs]
        if parts:
            drugs[name] = replace(drug, classes=drug.classes.union(*parts))
    names = {
        normalise(name.split(" (brand")[0]): entry["generic_name"]
        for entry in entries
        for name in (*entry["brand_names"], entry["generic_name"])
    }
    return Knowledge(
        version, drugs, names, tuple(rules["interactions"]), tuple(rules["condition_cautions"]),
        tuple(rules["allergy_cross"]), tuple(rules["lifestyle_cautions"]), tuple(titrations),
    )  # fmt: skip


@cache
def current() -> Knowledge:
    """The knowledge of this installation, read once. Its version names the data of drugs and rules together."""
    version, entries = load.reference()
    raw, speeds = DATA.read_bytes(), TITRATIONS.read_bytes()
    rules = json.loads(raw)
    stamp = hashlib.sha256(version.encode() + raw + speeds).hexdigest()[:8]
    return assemble(entries, rules, f"{rules['meta']['version']} {stamp}", json.loads(speeds)["titrations"])


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What a newer version of the rules changes: added, gone, and each changed field, a sentence each.

    Raises ValueError, KeyError or TypeError for what are no rules.
    """
    said = versions.entries(old["ingredient_components"], new["ingredient_components"], "components of")
    for kind, name in KINDS.items():
        before, after = (_named(raw[kind]) for raw in (old, new))
        said += versions.entries(before, after, name)
    return said


def _named(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Rules by their id and what they are about; a rule that is about something else is another one."""
    return {f"{key} ({_about(row)})": row for key, row in versions.by(rows, "id").items()}
