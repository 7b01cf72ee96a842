"""Checks of the drug against the person: allergies, conditions, age, what was never asked."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from medications.safety.enums import BY_SEVERITY, RANK, Level, lowered
from medications.safety.facts import Allergy, Facts, Finding, Limits, Measured, Proposed, Taken
from medications.safety.knowledge import DrugFacts, Knowledge
from patients.record.calc import normalise
from patients.record.enums import FactKey


class Bound(NamedTuple):
    """Numbers from which on a measured value stands for a diagnosis: below, or from `least` on, or its lower one."""

    code: str
    below: int | None = None
    least: int | None = None
    least_lower: int | None = None

    def crossed(self, one: Measured) -> bool:
        """Whether the value is beyond one of them."""
        return (
            (self.below is not None and one.value < self.below)
            or (self.least is not None and one.value >= self.least)
            or (self.least_lower is not None and one.lower is not None and one.lower >= self.least_lower)
        )


ALIKE = 0.84
CHILDBEARING = (12, 55)
# What a "yes" to a medical fact stands for among the codes of the cautions.
FACT_CODES = {
    "kidney": ("N18", "N17", "N19"), "liver": ("K70", "K71", "K72", "K73", "K74", "K76.6", "B15", "B16", "B17", "B18"),
    "heart_qt": ("I45.81", "R94.31", "I44", "I45", "I47", "I49"), "seizure": ("G40", "R56"),
    "glaucoma": ("H40.03", "H40.06", "H40.2"), "sleep_apnoea": ("G47.3",), "eating_disorder": ("F50.0", "F50.2"),
    "heart_attack": ("I21", "I22", "I50"), "heart": ("I20", "I25", "I42", "Q20", "Q21"),
    "withdrawal_seizure": ("R56",), "high_pressure": ("I10",), "low_pressure": ("I95", "R55"), "slow_pulse": ("R00.1",),
    "diabetes": ("E11", "E66"), "lung": ("J44", "J96", "G70.0"), "asthma": ("J45",), "low_sodium": ("E87.1",),
    "dehydration": ("E86", "R11", "R19.7"), "thyroid": ("E03",), "bowel": ("K56", "K59.0"), "urine": ("R33", "N40.1"),
    "bleeding": ("K25", "K92.2"), "blood": ("D61", "D70"), "pancreas": ("K85",), "brain_vessels": ("I67.1", "I61"),
    "parkinson": ("G20",), "narcolepsy": ("G47.4",), "sleep_walking": ("F51.3", "G47.5"), "prolactin": ("E22.1",),
    "stones": ("N20",), "psoriasis": ("L40",), "pheo": ("D35.0",), "low_potassium": ("E87.6", "E83.42"),
    "priapism": ("N48.3",), "porphyria": ("E80.2",), "mitochondrial": ("E72.2", "E88.4", "G71.3"),
}  # fmt: skip
GENES = {"HLA-B*15:02": "hla_b1502", "CYP2C19 poor metabolizer": "cyp2c19_poor"}
LABS = {"8636-3": "qtc", "98979-8": "egfr"}  # LOINC, as the cautions name them
# What a measured number stands for among the codes: the first bound that is crossed.
STANDS_FOR = {
    "egfr": (Bound("N18.4", below=30), Bound("N18.3", below=60)),
    "pressure": (Bound("I10", least=140, least_lower=90), Bound("I95", below=90)),
    "pulse": (Bound("R00.1", below=50),),
}
STATES = ("pregnant", "could_become_pregnant", "breastfeeding")
ALWAYS = ("kidney", "liver", "heart_qt", "seizure", "outside_medicines")
QUESTIONS = {
    **{key.value: key.label[0].upper() + key.label[1:] for key in FactKey}, "pregnant": "Pregnancy",
    "could_become_pregnant": "Possibility of pregnancy", "breastfeeding": "Breast-feeding",
    "heart_qt": "Heart rhythm and QT", "outside_medicines": "Medicines from elsewhere", "alcohol": "Alcohol",
    "smoking": "Smoking",
}  # fmt: skip
YEAR = 366  # days for which a laboratory's number is an answer


def allergies(facts: Facts, drug: DrugFacts, knowledge: Knowledge, limits: Limits) -> Iterator[Finding]:
    """Never asked is not checked; the same ingredient or class is a stop; relatives as the data say."""
    if facts.allergies_asked == "never_asked":
        yield Finding(
            Level.NOT_CHECKED, "allergies", "record", "Allergies not checked",
            "Nobody has asked about allergies. Ask, and record them or “none known”.",
        )  # fmt: skip
    for one in facts.allergies:
        if found := allergy(one, drug, knowledge, limits):
            yield found


def allergy(one: Allergy, drug: DrugFacts, knowledge: Knowledge, limits: Limits) -> Finding | None:
    """What one recorded allergy says about the drug, if anything; whether, its reaction does not decide."""
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
            lowered(BY_SEVERITY[row["severity"]], row["id"], limits.lowered),
            code, row["id"], f"Related to an allergy: {one.name}"[:200],
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


def interrupts(row: Mapping[str, Any]) -> bool:
    """Whether a caution can stop or ask; the others are notes, whoever the patient is."""
    return BY_SEVERITY[row["severity"]] != Level.NOTE or bool(row["dose_limit"])


def cautions(
    facts: Facts,
    live: Sequence[Taken],
    proposed: Proposed,
    drug: DrugFacts,
    knowledge: Knowledge,
    limits: Limits,
) -> Iterator[Finding]:
    """Conditions, age, states, laboratory values and genes that stand against the drug; what is not known is said."""
    takes = [
        found for t in live if (found := knowledge.drug(t.drug)) and t.key != proposed.key and t.stopped_on is None
    ]
    rows, codes = list(knowledge.about("cautions", drug)), codes_of(facts)
    for row in rows:
        limit = row["dose_limit"] and row["dose_limit"].get("max_mg_per_day")
        if limit and proposed.daily_mg <= limit:
            continue
        what, citalopram = row["condition"], bool(limit) and "citalopram" in drug.tags
        label = what["label"][0].upper() + what["label"][1:]
        known = holds(what, facts, codes)
        if known is None:
            yield Finding(
                Level.NOT_CHECKED, f"caution:{row['id']}", "R-MO-CIT" if citalopram else row["id"],
                f"{label}: not known"[:200], f"{row['effect']} {row['action']}", tuple(row["source"]),
                row["confidence"],
            )  # fmt: skip
            continue
        if known and _asked_by_its_number(row, rows, facts):
            continue
        if not known:
            if what["state"] == "pregnant" and facts.answers.get("plans_pregnancy") == "yes":
                yield _planned(row, drug)
            continue
        level = Level.STOP if citalopram else lowered(BY_SEVERITY[row["severity"]], row["id"], limits.lowered)
        guarded = any(other.is_a(guard) for other in takes for guard in row["unless_with"] or [])
        if guarded:  # never silent: adding a medicine removes no finding
            level = Level.NOTE
        yield Finding(
            level, f"caution:{row['id']}", f"R-MO-CIT {row['id']}" if citalopram else row["id"],
            f"{label}: {drug.name}"[:200],
            f"{row['effect']} {row['action']}{_why(what, facts)}"
            f"{' What guards against it is taken as well.' if guarded else ''}",
            tuple(row["source"]), row["confidence"], row["tell_therapist"] or "",
        )  # fmt: skip


def _planned(row: Mapping[str, Any], drug: DrugFacts) -> Finding:
    """What a pregnancy would stop is asked when one is planned, the rest is noted."""
    level = Level.ASK if row["severity"] == "contraindicated" else Level.NOTE
    return Finding(
        level, f"caution:{row['id']}", row["id"], f"Plans a pregnancy: {drug.name}"[:200],
        f"In pregnancy: {row['effect']} {row['action']}", tuple(row["source"]), row["confidence"],
        row["tell_therapist"] or "",
    )  # fmt: skip


def _why(what: Mapping[str, Any], facts: Facts) -> str:
    """The number that a caution rests on, where it is one that was measured."""
    by = LABS.get(what["lab"]["code"]) if what["lab"] else None
    if by is None:
        by = next((kind for kind, codes in measured_codes(facts).items() if any(under(c, what) for c in codes)), None)
    one = facts.readings.get(by or "")
    if one is None:
        return ""
    shown = f"{one.value:f}".rstrip("0").rstrip(".") if "." in f"{one.value:f}" else f"{one.value:f}"
    lower = f"/{one.lower:.0f}" if one.lower is not None else ""
    return f" Measured: {shown}{lower} on {one.on:%b} {one.on.day}, {one.on.year}."


def measured_codes(facts: Facts) -> dict[str, tuple[str, ...]]:
    """The codes that a reading stands for: a kidney at 48, a pressure of 150/95, a pulse of 44."""
    found: dict[str, tuple[str, ...]] = {}
    for kind, bounds in STANDS_FOR.items():
        if one := facts.readings.get(kind):
            code = next((bound.code for bound in bounds if bound.crossed(one)), None)
            found[kind] = () if code is None else (code,)
    return found


def _asked_by_its_number(row: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], facts: Facts) -> bool:
    """Whether only a measured number stands for this diagnosis, and has a caution of the same weight: asked once."""
    if row["condition"]["kind"] != "diagnosis":
        return False
    numbers = {
        LABS.get(one["condition"]["lab"]["code"], "")
        for one in rows
        if one["condition"]["kind"] == "lab" and one["severity"] == row["severity"] and holds(one["condition"], facts)
    }
    rest = {kind: value for kind, value in facts.readings.items() if kind not in numbers}
    return bool(numbers) and not holds(row["condition"], replace(facts, readings=rest))


def codes_of(facts: Facts) -> list[str]:
    """The codes of the patient: those on record, those a reading stands for, those a “yes” stands for."""
    codes = [*facts.conditions, *(code for known in measured_codes(facts).values() for code in known)]
    for key, stands_for in FACT_CODES.items():
        if facts.answers.get(key) == "yes":
            codes += stands_for
    return codes


def holds(what: Mapping[str, Any], facts: Facts, codes: Sequence[str] | None = None) -> bool | None:
    """Whether the condition is the patient's, as far as anybody has recorded; None: a number or a gene not known.

    `codes`: those of the patient, where they were found already.
    """
    if what["kind"] == "lab":
        return _lab(what["lab"], facts)
    if what["kind"] == "genotype":
        return {"yes": True, "no": False}.get(facts.answers.get(GENES.get(what["genotype"], ""), ""))
    if what["kind"] == "age":
        least, most = what["age_min"], what["age_max"]
        return (least is None or facts.age >= least) and (most is None or facts.age <= most) and _sex(what, facts)
    coded = any(under(code, what) for code in (codes_of(facts) if codes is None else codes))
    if what["kind"] == "state":
        answer = facts.answers.get(what["state"])
        if what["state"] == "could_become_pregnant" and facts.answers.get("plans_pregnancy") == "yes":
            answer = "yes"
        assumed = what.get("state_default_if_unasked")
        if answer is None and assumed:
            least, most = assumed["age_min"], assumed["age_max"]
            return coded or (facts.sex == "female" and least <= facts.age <= most)
        return coded or answer == "yes"
    return coded and _sex(what, facts)


def _lab(lab: Mapping[str, Any], facts: Facts) -> bool | None:
    one = facts.readings.get(LABS.get(lab["code"], ""))
    if one is None:
        return None
    crossed = one.value < lab["value"] if lab["op"] == "<" else one.value > lab["value"]
    return True if crossed else None if (facts.today - one.on).days > YEAR else False


def under(code: str, what: Mapping[str, Any]) -> bool:
    """Whether it means the recorded code: at or below a prefix, or (a broad one such as N18) above it."""
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
    if drug is None:
        return keys
    keys += [key for key in _of_drug(drug, knowledge) if key not in keys]
    habits = [row["event"] for row in knowledge.about("lifestyle", drug) if row["severity"] != "moderate"]
    keys += [key for key, event in (("alcohol", "alcohol_use"), ("smoking", "smoking_stopped")) if event in habits]
    return keys


def _of_drug(drug: DrugFacts, knowledge: Knowledge) -> tuple[str, ...]:
    """The facts that stand for a condition in a grave caution of the drug. Kept once found."""
    if drug.name not in knowledge.asked:
        grave = [row for row in knowledge.about("cautions", drug) if BY_SEVERITY[row["severity"]] != Level.NOTE]
        knowledge.asked[drug.name] = tuple(
            key for key, codes in FACT_CODES.items()
            if any(under(code, row["condition"]) for row in grave for code in codes)
        )  # fmt: skip
    return knowledge.asked[drug.name]
