"""What results say against starting a medicine or going on with it (port ORDER_FINDINGS): findings of the checks."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from medications.monitoring import knowledge
from medications.monitoring.alerts import RULES, number
from medications.monitoring.calc import Reading, shown_unit
from medications.monitoring.knowledge import ANC, Protocol
from medications.monitoring.models import Circumstance, Result
from medications.monitoring.predicates import BEN
from medications.monitoring.queries import ZONE
from medications.safety import knowledge as drugs
from medications.safety.enums import Level
from medications.safety.facts import Finding

ALWAYS = "8636-3"  # an ECG stands against a higher dose as it stands against a start
SPOKEN = {"cit-qtc"}  # the checks say it themselves, from the same number (port LAB_VALUES)
OPERATORS = {"<": lambda a, b: a < b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b, "<=": lambda a, b: a <= b}


def findings(
    patient_id: UUID, drug: str, *, starts: bool, today: date, in_steps: bool = False
) -> list[Finding]:  # fmt: skip
    """What the patient's results say; one query where the drug has such a rule, two for clozapine, none otherwise.

    A result below a limit refuses where the data know no override (R-MO-CLZ); what is missing is said as not checked,
    for clozapine it asks for a reason.
    """
    known = knowledge.current()
    rules = [
        (protocol, rule) for protocol in known.of(drugs.current().drug(drug)) for rule in protocol.starts
        if rule["id"] not in SPOKEN and rule["test"] and (set(rule["test"]) & {"code", "missing_within_days"})
    ]  # fmt: skip
    codes = {code for _, rule in rules for code in _codes(rule["test"])}
    if not codes:
        return []
    results = _results(patient_id, codes)
    ben = any(code == ANC for code in codes) and _ben(patient_id)
    return [
        finding for protocol, rule in rules if starts or ALWAYS in _codes(rule["test"])
        for finding in _found(protocol, rule, results, ben=ben, today=today)
    ]  # fmt: skip


def _codes(test: Mapping[str, Any]) -> Sequence[str]:
    codes: Sequence[str] = test["missing_within_days"]["codes"] if "missing_within_days" in test else [test["code"]]
    return codes


def _results(patient_id: UUID, codes: set[str]) -> dict[str, list[Reading]]:
    found: dict[str, list[Reading]] = {}
    rows = Result.objects.filter(patient_id=patient_id, code__in=codes, retracted_at=None).order_by("taken_at")
    for code, at, value, low, high in rows.values_list("code", "taken_at", "value", "low", "high"):
        found.setdefault(code, []).append(Reading(at.astimezone(ZONE).date(), value, low, high))
    return found


def _ben(patient_id: UUID) -> bool:
    return Circumstance.objects.filter(patient_id=patient_id, key=BEN, ended_at=None).exists()


def _found(
    protocol: Protocol, rule: Mapping[str, Any], results: Mapping[str, list[Reading]], *, ben: bool, today: date
) -> Iterator[Finding]:
    test = rule["test"]
    if "missing_within_days" in test:
        since = today - timedelta(days=test["missing_within_days"]["days"])
        missing = [code for code in _codes(test) if not any(one.on >= since for one in results.get(code, []))]
        if missing:
            level = Level.ASK if ANC in missing else Level.NOT_CHECKED
            yield _finding(protocol, rule, level, f"{rule['text']} Missing: {_names(missing)}.")
        return
    if (test.get("unless") == "ben" and ben) or (test.get("if") == "ben" and not ben):
        return
    rows = [one for one in results.get(test["code"], []) if one.value is not None]
    if "within_days" in test:
        rows = [one for one in rows if (today - one.on).days <= test["within_days"]]
    few = "min_results" in test and len(rows) < test["min_results"]
    if not rows and not few:
        return
    if few or _says(test, rows[-1]):
        level = Level.ASK if rule["override_with_reason"] else Level.REFUSE
        if test["code"] == ALWAYS:
            level = Level.STOP
        said = f"{rule['text']} {_last(test['code'], rows)}".strip()
        yield _finding(protocol, rule, level, said)


def _says(test: Mapping[str, Any], last: Reading) -> bool:
    assert last.value is not None
    if test.get("out_of_lab_range"):
        return (last.low is not None and last.value < last.low) or (last.high is not None and last.value > last.high)
    return bool(OPERATORS[test["op"]](float(last.value), test["value"]))


def _last(code: str, rows: Sequence[Reading]) -> str:
    """The last result in words: Last: 1,350 cells/µL on Mar 2, 2026."""
    if not rows or rows[-1].value is None:
        return ""
    item, last = knowledge.current().item(code), rows[-1]
    unit = shown_unit(item.unit) if item else ""
    return f"Last: {number(rows[-1].value)} {unit} on {last.on:%b} {last.on.day}, {last.on.year}."


def _names(codes: Sequence[str]) -> str:
    known = knowledge.current()
    return ", ".join(item.short if (item := known.item(code)) else code for code in codes)


def _finding(protocol: Protocol, rule: Mapping[str, Any], level: Level, sentence: str) -> Finding:
    named = RULES.get(protocol.key, protocol.key)
    return Finding(
        level, f"monitoring:{rule['id']}"[:60], named, protocol.title[:200], sentence, protocol.source,
        protocol.confidence, protocol.watch[0] if protocol.watch and level != Level.NOT_CHECKED else "",
    )  # fmt: skip
