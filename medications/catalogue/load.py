"""Loading the reference data into the catalogue: idempotent, in bulk, and it says what changed."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from clinic.rows import new_id
from medications.catalogue import versions
from medications.catalogue.calc import strength
from patients.record.calc import normalise

DATA = Path(__file__).parent / "data" / "medications.json"
ORDER = ("form", "release", "strength", "unit", "per")
DRUG_FIELDS = (
    "brand_names", "search_text", "rxcui", "classes", "psychiatric", "schedule", "facts", "source", "confidence",
    "version",
)  # fmt: skip
PRODUCT_FIELDS = ("divisible", "openable", "max_mg_per_day", "withdrawn")


@dataclass
class Loaded:
    """What a load did, by generic name."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: int = 0
    missing: list[str] = field(default_factory=list)  # in the catalogue, no longer in the data; kept
    products_added: int = 0
    products_changed: int = 0
    products_withdrawn: int = 0
    changes: list[str] = field(default_factory=list)  # a sentence each: new, gone, or a field with old → new

    def __str__(self) -> str:
        counts = (
            f"{len(self.added)} drugs added, {len(self.changed)} changed, {self.unchanged} as they were, "
            f"{len(self.missing)} no longer in the data; products: {self.products_added} added, "
            f"{self.products_changed} changed, {self.products_withdrawn} withdrawn"
        )
        return "\n".join([counts, *self.changes])


@cache
def reference() -> tuple[str, list[dict[str, Any]]]:
    """The version of the data (from its content) and its entries."""
    raw = DATA.read_bytes()
    return f"2026-11 {hashlib.sha256(raw).hexdigest()[:8]}", json.loads(raw)


def load(drugs: Any, products: Any) -> Loaded:
    """Bring the catalogue to the state of the data. `drugs`, `products`: the models, or a migration's view of them."""
    version, entries = reference()
    report = Loaded()
    known = {row.generic_name: row for row in drugs.objects.all()}
    if known:  # into an empty catalogue everything is new: the counts say it
        before = {name: row.facts for name, row in known.items()}
        report.changes = versions.entries(before, versions.by(entries, "generic_name"))
    _drugs(drugs, known, entries, version, report)
    named = dict(drugs.objects.values_list("generic_name", "pk"))
    _products(products, named, entries, report)
    report.missing = sorted(set(known) - {entry["generic_name"] for entry in entries})
    return report


def _drugs(model: Any, known: dict[str, Any], entries: list[dict[str, Any]], version: str, report: Loaded) -> None:
    fresh, altered = [], []
    for entry in entries:
        wanted, row = _drug(entry, version), known.get(entry["generic_name"])
        if row is None:
            fresh.append(model(id=new_id(), generic_name=entry["generic_name"], **wanted))
            report.added.append(entry["generic_name"])
        elif any(getattr(row, name) != value for name, value in wanted.items()):
            for name, value in wanted.items():
                setattr(row, name, value)
            altered.append(row)
            report.changed.append(entry["generic_name"])
        else:
            report.unchanged += 1
    model.objects.bulk_create(fresh)
    if altered:
        model.objects.bulk_update(altered, DRUG_FIELDS)


def _drug(entry: dict[str, Any], version: str) -> dict[str, Any]:
    names = [entry["generic_name"], *entry["brand_names"]]
    return {
        "brand_names": entry["brand_names"],
        "search_text": " | ".join(dict.fromkeys(normalise(name.split(" (brand")[0]) for name in names)),
        "rxcui": entry["rxcui"] or "",
        "classes": entry["classes"],
        "psychiatric": entry["psychiatric"],
        "schedule": entry["dea_schedule"] or "",
        "facts": entry,
        "source": "; ".join(entry["source"]),
        "confidence": entry["confidence"],
        "version": version,
    }


def _rows(entries: list[dict[str, Any]]) -> Iterator[tuple[str, tuple[Any, ...], dict[str, Any]]]:
    """Every strength of every product: the drug, what identifies it, the rest. The first of two alike counts."""
    for entry in entries:
        seen: set[tuple[Any, ...]] = set()
        for product in entry["products"]:
            for one in product["strengths"]:
                found = strength(one)
                key = (product["form"], product["release"] or "", found.amount, found.unit, found.per)
                if key not in seen:
                    seen.add(key)
                    most = product["max_mg_per_day"]
                    yield (
                        entry["generic_name"],
                        key,
                        {
                            "divisible": product["divisible"],
                            "openable": product["capsule_openable"],
                            "max_mg_per_day": None if most is None else Decimal(str(most)),
                            "withdrawn": False,
                        },
                    )


def _products(model: Any, named: dict[str, Any], entries: list[dict[str, Any]], report: Loaded) -> None:
    known = {(row.drug_id, *(getattr(row, name) for name in ORDER)): row for row in model.objects.all()}
    fresh, altered, kept = [], [], set()
    for generic, key, wanted in _rows(entries):
        place = (named[generic], *key)
        kept.add(place)
        row = known.get(place)
        if row is None:
            fresh.append(model(id=new_id(), drug_id=named[generic], **dict(zip(ORDER, key, strict=True)), **wanted))
        elif any(getattr(row, name) != value for name, value in wanted.items()):
            for name, value in wanted.items():
                setattr(row, name, value)
            altered.append(row)
    gone = [row for place, row in known.items() if place not in kept and not row.withdrawn]
    for row in gone:
        row.withdrawn = True
    model.objects.bulk_create(fresh)
    if altered or gone:
        model.objects.bulk_update([*altered, *gone], PRODUCT_FIELDS)
    report.products_added, report.products_changed = len(fresh), len(altered)
    report.products_withdrawn = len(gone)
