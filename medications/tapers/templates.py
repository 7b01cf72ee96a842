"""The templates of tapers and titrations, and when a titration starts again: read once, with their version."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from medications.safety.knowledge import DrugFacts
from medications.tapers.enums import Kind

FOLDER = Path(__file__).parent / "data"
BENZODIAZEPINE = "benzodiazepine_asam_2025"  # whose limits hold for every benzodiazepine, whatever is chosen
WITH_STEPS_OF_ITS_OWN = (
    "percent_of_current", "absolute_bands", "absolute_step", "linear_over_days", "hyperbolic_occupancy",
)  # fmt: skip
CHECKS = {
    Kind.TAPER: ("withdrawal: what, since when, how long", "sleep", "suicidal thoughts", "ready for the next step"),
    Kind.TITRATION: ("side effects: what, since when", "doses missed", "sleep", "suicidal thoughts"),
}


@dataclass(frozen=True)
class Template:
    """One template as the data hold it."""

    key: str
    kind: Kind
    title: str
    data: Mapping[str, Any]

    @property
    def rule(self) -> Mapping[str, Any]:
        """How its steps are made; empty for fixed steps."""
        return self.data["rule"] or {}

    @property
    def mode(self) -> str:
        """The kind of its rule; "steps" for fixed ones."""
        return "steps" if self.data["steps"] else str(self.rule.get("mode", ""))

    @property
    def limits(self) -> Mapping[str, Any]:
        """What its source limits."""
        found: Mapping[str, Any] = self.data["limits"]
        return found

    @property
    def checks(self) -> Sequence[str]:
        """What to ask before each step."""
        return tuple(self.data["checks_between_steps"])

    @property
    def source(self) -> tuple[str, ...]:
        """Where it comes from, the rules' ids left out."""
        return tuple(one for one in self.data["source"] if not one.startswith("R-")) or tuple(self.data["source"])

    @property
    def words(self) -> str:
        """Source and confidence, as they are shown beside the plan."""
        return f"{'; '.join(self.source)} · confidence {self.data['confidence']}"

    @property
    def percents(self) -> tuple[Decimal, Decimal] | None:
        """The share of the dose that a step may take, least and most."""
        given = self.rule.get("step_percent_initial")
        return (Decimal(str(given["min"])), Decimal(str(given["max"]))) if given else None

    def interval(self, drug: str) -> tuple[int, int, int] | None:
        """Days between steps: least, most, usual."""
        given = self.rule.get("interval_days")
        if self.mode == "absolute_step":
            rows = self.rule["per_ingredient"]
            given = next((row["interval_days"] for row in rows if row["ingredient"] == drug), given)
        if self.mode == "absolute_bands":
            given = self.rule["bands"][0]["interval_days"]
        return (given["min"], given["max"], given["default"]) if given else None

    def beginnings(self, drug: str) -> dict[str, Any]:
        """What the form suggests: the usual numbers of the template."""
        found: dict[str, Any] = {}
        if usual := self.interval(drug):
            found["interval"] = usual[2]
        if self.mode == "percent_of_current":
            found["percent"] = self.rule["step_percent_initial"]["default"]
        if self.mode == "absolute_step":
            found["step_mg"] = next(
                (row["max_step_mg"] for row in self.rule["per_ingredient"] if row["ingredient"] == drug), ""
            )
        if self.mode == "linear_over_days":
            found["total_days"] = self.rule["total_days"]["default"]
            found["step_mg"] = self.rule.get("step_mg", {}).get("default", "")
        if self.mode == "hyperbolic_occupancy":
            found["count"] = self.rule["steps"]["default"]
        return found


@dataclass(frozen=True)
class Restart:
    """After how many days without a dose a titration starts again."""

    days: Decimal
    text: str
    rule: str
    source: tuple[str, ...]


@cache
def _raw() -> tuple[str, list[Template], list[dict[str, Any]]]:
    tapers, restarts = (FOLDER / "tapers.json").read_bytes(), (FOLDER / "restarts.json").read_bytes()
    data = json.loads(tapers)
    stamp = hashlib.sha256(tapers + restarts).hexdigest()[:8]
    rows = [Template(row["key"], Kind(row["kind"]), row["title"], row) for row in data["templates"]]
    return f"{data['meta']['version']} {stamp}", rows, json.loads(restarts)["restarts"]


def version() -> str:
    """The version of the data, with a stamp of its content."""
    return _raw()[0]


def everything() -> list[Template]:
    """Every template, in the order of the data."""
    return _raw()[1]


def get(key: str) -> Template | None:
    """The template with this key."""
    return next((one for one in everything() if one.key == key), None)


def can_build(template: Template) -> bool:
    """Whether a staircase can be made of it; the others only advise how a prescriber goes on."""
    return template.mode == "steps" or template.mode in WITH_STEPS_OF_ITS_OWN


def for_drug(drug: DrugFacts, taking: Iterable[DrugFacts]) -> list[Template]:
    """The templates that fit a drug, the best first: the variant for what else is taken, the guideline's default."""
    others = [one for one in taking if one.name != drug.name]
    found = [
        one for one in everything()
        if can_build(one) and any(drug.is_a(what) for what in one.data["applies_to"]) and not _excluded(one, drug)
    ]  # fmt: skip

    def rank(one: Template) -> tuple[bool, bool, bool]:
        specific = any("ingredient" in what and drug.is_a(what) for what in one.data["applies_to"])
        return not fits(one, others), not one.data["default_for_guideline"], not specific

    return sorted(found, key=rank)


def _excluded(template: Template, drug: DrugFacts) -> bool:
    """“clozapine (own rule)”."""
    return any(one.startswith(drug.name) for one in template.limits.get("not_for", []))


def fits(template: Template, others: Sequence[DrugFacts]) -> bool:
    """Whether the variant is the one for what else is taken (R-MO-LTG); templates without variants always fit."""
    given = template.data.get("variant_if") or {}

    def any_of(rows: Iterable[Mapping[str, str]]) -> bool:
        return any(one.is_a(what) for one in others for what in rows)

    if "taking" in given and not all(any(one.is_a(what) for one in others) for what in given["taking"]):
        return False
    if "taking_any" in given and not any_of(given["taking_any"]):
        return False
    return not ("not_taking" in given and any_of(given["not_taking"])) and "stopped" not in given


def never_faster(drug: DrugFacts, taking: Iterable[DrugFacts]) -> Template | None:
    """The schedule that no titration of this drug may outrun, for what else is taken (R-MO-LTG)."""
    others = [one for one in taking if one.name != drug.name]
    return next(
        (
            one for one in everything()
            if one.limits.get("never_faster") and one.data.get("variant_if") and one.mode == "steps"
            and any(drug.is_a(what) for what in one.data["applies_to"]) and fits(one, others)
        ),
        None,
    )  # fmt: skip


def restart(drug: str, template_key: str) -> Restart | None:
    """When a titration of this drug starts again after days without (R-MO-CLZ, R-MO-LTG)."""
    for row in _raw()[2]:
        if row["ingredient"] == drug:
            days = row["days"].get(template_key, row["days"][""])
            return Restart(Decimal(str(days)), row["text"], row["rule"], tuple(row["source"]))
    return None


def fall_limit(drug: DrugFacts | None) -> Decimal | None:
    """The most percent that may go within 14 days: for benzodiazepines, whatever template is chosen (R-TA-01)."""
    if drug is None or "benzodiazepine" not in drug.classes:
        return None
    found = get(BENZODIAZEPINE)
    assert found is not None
    return Decimal(str(found.limits["block_if_fall_percent_over"]["percent"]))


def no_alternate_days(drug: DrugFacts) -> bool:
    """Whether taking it every other day is refused: short half-life SSRIs and SNRIs (R-TA-08)."""
    for template in everything():
        for row in template.limits.get("alternate_day_block", []):
            if drug.is_a({"class": row["class"]}) and drug.name not in row.get("except", []):
                return True
    return False


def checks_of(template: Template | None, kind: str) -> Sequence[str]:
    """What to ask before each step."""
    return template.checks if template else CHECKS[Kind(kind)]
