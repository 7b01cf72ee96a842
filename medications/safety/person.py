"""Checks of the drug against the person: allergies, conditions, age, what was never asked."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from medications.safety.enums import BY_SEVERITY, RANK, Level
from medications.safety.facts import Allergy, Facts, Finding, Proposed, Taken
from medications.safety.knowledge import DrugFacts, Knowledge
from patients.record.calc import normalise

ALIKE = 0.84
CHILDBEARING = (12, 55)
# What a "yes" to a medical fact stands for among the codes of the cautions.
FACT_CODES = {
    "kidney": ("N18", "N17", "N19"), "liver": ("K70", "K71", "K72", "K73", "K74", "K76.6", "B15", "B16", "B17", "B18"),
    "heart_qt": ("I45.81", "R94.31", "I44", "I45", "I47", "I49"), "seizure": ("G40", "R56"),
    "glaucoma": ("H40.03", "H40.06", "H40.2"), "sleep_apnoea": ("G47.3",), "eating_disorder": ("F50.0", "F50.2"),
}  # fmt: skip
STATES = ("pregnant", "could_become_pregnant", "breastfeeding")
ALWAYS = ("kidney", "liver", "heart_qt", "seizure", "outside_medicines")
QUESTIONS = {
    "pregnant": "Pregnancy", "could_become_pregnant": "Possibility of pregnancy", "breastfeeding":
    "Breast-feeding", "kidney": "Kidney disease", "liver": "Liver disease", "heart_qt": "Heart rhythm and QT",
    "seizure": "Seizures", "glaucoma": "Narrow-angle glaucoma", "sleep_apnoea": "Sleep apnea",
    "eating_disorder": "Eating disorder", "outside_medicines": "Medicines from elsewhere",
}  # fmt: skip


def allergies(facts: Facts, drug: DrugFacts, knowledge: Knowledge) -> Iterator[Finding]:
    """Never asked is not checked; the same ingredient or class is a stop; relatives as the data say."""
    if facts.allergies_asked == "never_asked":
        yield Finding(
            Level.NOT_CHECKED, "allergies", "record", "Allergies not checked",
            "Nobody has asked about allergies. Ask, and record them or “none known”.",
        )  # fmt: skip
    for one in facts.allergies:
        if found := _allergy(one, drug, knowledge):
            yield found


def _allergy(one: Allergy, drug: DrugFacts, knowledge: Knowledge) -> Finding | None:
    cause = None if one.kind == "class" else knowledge.resolve(one.name)
    word, code = normalise(one.name), f"allergy:{one.name.casefold()}"[:60]
    how = f" ({one.reaction})" if one.reaction else ""
    same = bool(cause and cause.tags & drug.tags) or (cause is None and word in map(normalise, drug.tags))
    if same or (one.kind == "class" and _class(word, drug.classes)):
        return Finding(
            Level.STOP, code, "allergy", f"Allergy: {one.name}"[:200],
            f"The record lists an allergy to {one.name}{how}; {drug.name} is or holds it.",
            ("The patient’s record",), "high",
        )  # fmt: skip
    rows = [row for row in knowledge.allergy_cross if drug.is_a(row["drug"]) and _recorded(row, one, word, cause)]
    if rows:
        row = min(rows, key=lambda r: (RANK[BY_SEVERITY[r["severity"]]], r["id"]))
        return Finding(
            BY_SEVERITY[row["severity"]], code, row["id"], f"Related to an allergy: {one.name}"[:200],
            f"The record lists {one.name}{how}. {row['effect']} {row['action']}", tuple(row["source"]),
            row["confidence"],
        )  # fmt: skip
    names = [name for name, generic in knowledge.names.items() if generic == drug.name]
    if cause is None and any(difflib.SequenceMatcher(None, word, name).ratio() >= ALIKE for name in names):
        return Finding(
            Level.ASK, code, "allergy", f"Is the allergy to {one.name} this medicine?"[:200],
            f"The record lists an allergy to “{one.name}”{how}, spelled much like {drug.name}. Say that it is not.",
            ("The patient’s record",), "high",
        )  # fmt: skip
    return None


def _class(word: str, classes: frozenset[str]) -> bool:
    return any(word in (known, f"{known}s") for known in (normalise(name) for name in classes))


def _recorded(row: Mapping[str, Any], one: Allergy, word: str, cause: DrugFacts | None) -> bool:
    """Whether the row's allergy is the recorded one: by name, or by a class of the drug that caused it."""
    wanted = row["allergy"]
    if "substance" in wanted:
        return normalise(wanted["substance"]) == word
    if one.kind == "class":
        return "class" in wanted and _class(word, frozenset([wanted["class"]]))
    return bool(cause and cause.is_a(wanted))


def cautions(
    facts: Facts, live: Sequence[Taken], proposed: Proposed, drug: DrugFacts, knowledge: Knowledge
) -> Iterator[Finding]:
    """Conditions, age and states that stand against the drug; laboratory values and genes are named as not checked."""
    takes = [
        found for t in live if (found := knowledge.drug(t.drug)) and t.key != proposed.key and t.stopped_on is None
    ]
    for row in knowledge.cautions:
        if not drug.is_a(row["drug"]):
            continue
        limit = row["dose_limit"] and row["dose_limit"].get("max_mg_per_day")
        if limit and proposed.daily_mg <= limit:
            continue
        what, citalopram = row["condition"], bool(limit) and "citalopram" in drug.tags
        label = what["label"][0].upper() + what["label"][1:]
        if what["kind"] in ("lab", "genotype"):
            yield Finding(
                Level.NOT_CHECKED, f"caution:{row['id']}", "R-MO-CIT" if citalopram else row["id"],
                f"{label}: not known"[:200], f"{row['effect']} {row['action']}", tuple(row["source"]),
                row["confidence"],
            )  # fmt: skip
            continue
        if not holds(what, facts):
            continue
        level = Level.STOP if citalopram else BY_SEVERITY[row["severity"]]
        guarded = any(other.is_a(guard) for other in takes for guard in row["unless_with"] or [])
        if guarded:  # never silent: adding a medicine removes no finding
            level = Level.NOTE
        yield Finding(
            level, f"caution:{row['id']}", f"R-MO-CIT {row['id']}" if citalopram else row["id"],
            f"{label}: {drug.name}"[:200],
            f"{row['effect']} {row['action']}{' What guards against it is taken as well.' if guarded else ''}",
            tuple(row["source"]), row["confidence"], row["tell_therapist"] or "",
        )  # fmt: skip


def holds(what: Mapping[str, Any], facts: Facts) -> bool:
    """Whether the condition is the patient's, as far as anybody has recorded."""
    if what["kind"] == "age":
        least, most = what["age_min"], what["age_max"]
        return (least is None or facts.age >= least) and (most is None or facts.age <= most) and _sex(what, facts)
    codes = [*facts.conditions]
    for key, stands_for in FACT_CODES.items():
        if facts.answers.get(key) == "yes":
            codes += stands_for
    coded = any(_under(code, what) for code in codes)
    if what["kind"] == "state":
        answer = facts.answers.get(what["state"])
        assumed = what.get("state_default_if_unasked")
        if answer is None and assumed:
            least, most = assumed["age_min"], assumed["age_max"]
            return coded or (facts.sex == "female" and least <= facts.age <= most)
        return coded or answer == "yes"
    return coded and _sex(what, facts)


def _under(code: str, what: Mapping[str, Any]) -> bool:
    """A recorded code at or below a prefix, or (a broad code such as N18 recorded) a prefix below it."""
    if any(code.startswith(prefix) for prefix in what["icd10_exclude_prefixes"]):
        return False
    return any(code.startswith(prefix) or prefix.startswith(code) for prefix in what["icd10_prefixes"])


def _sex(what: Mapping[str, Any], facts: Facts) -> bool:
    return not what["sex"] or not facts.sex or what["sex"][0].casefold() == facts.sex[0].casefold()


def never_asked(facts: Facts, drug: DrugFacts | None, knowledge: Knowledge) -> Iterator[Finding]:
    """Every fact that was never asked, or answered “not sure”, is said at every signing."""
    for key in needed(facts, drug, knowledge):
        answer = facts.answers.get(key)
        if answer in ("yes", "no"):
            continue
        why = "The answer was “not sure”." if answer == "unsure" else "Nobody has asked."
        yield Finding(
            Level.NOT_CHECKED, f"fact:{key}", "record", f"{QUESTIONS[key]}: not checked",
            f"{why} Ask, and record the answer.",
        )  # fmt: skip


def needed(facts: Facts, drug: DrugFacts | None, knowledge: Knowledge) -> list[str]:
    """The facts that this person and this drug need: the standing ones, of childbearing, of the cautions."""
    least, most = CHILDBEARING
    keys = [*STATES] if facts.sex != "male" and least <= facts.age <= most else []
    keys += ALWAYS
    if drug is not None:
        prefixes = [
            p for row in knowledge.cautions if drug.is_a(row["drug"]) for p in row["condition"]["icd10_prefixes"]
        ]
        for key in ("glaucoma", "sleep_apnoea", "eating_disorder"):
            if any(p.startswith(code) or code.startswith(p) for p in prefixes for code in FACT_CODES[key]):
                keys.append(key)
    return keys
