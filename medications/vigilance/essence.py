"""What of a person and of a list the checks of an order that goes on can rest a stop or an ask on: the rest left out.

Two patients who differ in nothing else are answered by one run of the engine. The rules stay in `medications.safety`
and are asked here what they look at, never repeated; `test_essence` compares the answers with those of the whole case.
Left out are what only a note or a “not checked” comes of, and what is asked of a start or of a supply alone.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from medications.safety import engine, pairs, person
from medications.safety.enums import BY_SEVERITY, Level
from medications.safety.facts import Allergy, Facts, Finding, Limits, Measured, Proposed, Taken
from medications.safety.knowledge import DrugFacts, Knowledge

INTERRUPTS = (Level.STOP, Level.ASK)
PLANS = "plans_pregnancy"
Other = tuple[str, date | None, str, str, Decimal | None]  # drug, stopped on; of the same ingredient more


class Essence(NamedTuple):
    """One case, by which cases are told apart. It holds what it takes to ask the engine, and no key of a row."""

    drug: str
    daily_mg: Decimal
    depot: bool
    product_max_mg: Decimal | None
    today: date
    age: int  # the first year of those in which the rules say the same
    sex: str
    allergies: tuple[Allergy, ...]
    conditions: tuple[str, ...]
    answers: tuple[tuple[str, str], ...]
    readings: tuple[tuple[str, Measured], ...]
    events: tuple[str, ...]
    others: tuple[Other, ...]

    def found(self, known: Knowledge, limits: Limits) -> tuple[Finding, ...]:
        """What would stop or ask: the engine's own answer."""
        facts = Facts(
            today=self.today, age=self.age, sex=self.sex, allergies=self.allergies, conditions=self.conditions,
            answers=dict(self.answers), readings=dict(self.readings), events=frozenset(self.events),
        )  # fmt: skip
        live = [
            Taken(str(place), name, drug, daily, stopped, origin)
            for place, (drug, stopped, name, origin, daily) in enumerate(self.others)
        ]
        proposed = Proposed(
            self.drug, self.drug, self.daily_mg, self.today, "itself", starts=False, depot=self.depot,
            product_max_mg=self.product_max_mg,
        )  # fmt: skip
        return interrupting(engine.check(facts, live, proposed, known, limits))


def interrupting(found: Sequence[Finding]) -> tuple[Finding, ...]:
    """Those that stop or ask of a dose that is taken already: how fast it rose was answered at its signature."""
    return tuple(one for one in found if one.level in INTERRUPTS and not one.code.startswith("speed:"))


@dataclass
class Scope:
    """What the checks of one drug look at. Kept for a run; what was looked up once is remembered."""

    drug: DrugFacts
    known: Knowledge
    grave: list[Mapping[str, Any]] = field(init=False)  # the cautions that can stop or ask
    ages: list[int] = field(init=False)
    sexes: bool = field(init=False)  # whether the sex matters
    yes: frozenset[str] = field(init=False)  # facts of which a yes counts
    states: frozenset[str] = field(init=False)  # facts of which every answer counts
    events: frozenset[str] = field(init=False)
    codes: dict[str, bool] = field(init=False, default_factory=dict)
    causes: dict[tuple[str, str], bool] = field(init=False, default_factory=dict)
    company: dict[str, bool] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        drug, known = self.drug, self.known
        self.grave = [row for row in known.about("cautions", drug) if person.interrupts(row)]
        what = [row["condition"] for row in self.grave]
        assumed = [one["state_default_if_unasked"] for one in what if one.get("state_default_if_unasked")]
        bounds = [(one["age_min"], one["age_max"]) for one in [*what, *assumed]]
        self.ages = sorted({0, *(b for b, _ in bounds if b is not None), *(e + 1 for _, e in bounds if e is not None)})
        self.sexes = bool(assumed) or any(one["sex"] for one in what)
        self.yes = frozenset(key for key, codes in person.FACT_CODES.items() if any(map(self.weighs, codes)))
        self.yes |= {person.GENES[one["genotype"]] for one in what if one["genotype"] in person.GENES}
        states = {one["state"] for one in what if one["state"]}
        self.states = frozenset(states | ({PLANS} if states else set()))
        habits = known.about("lifestyle", drug)
        self.events = frozenset(row["event"] for row in habits if BY_SEVERITY[row["severity"]] in INTERRUPTS)

    def weighs(self, code: str) -> bool:
        """Whether a diagnosis can stand against the drug."""
        if code not in self.codes:
            self.codes[code] = any(person.under(code, row["condition"]) for row in self.grave)
        return self.codes[code]

    def allergic(self, one: Allergy, limits: Limits) -> bool:
        """Whether an allergy says anything about the drug."""
        place = (one.kind, one.name)
        if place not in self.causes:
            self.causes[place] = person.allergy(one, self.drug, self.known, limits) is not None
        return self.causes[place]

    def measured(self, facts: Facts) -> tuple[tuple[str, Measured], ...]:
        """The readings that a caution rests on."""
        if not facts.readings:
            return ()
        stands_for = person.measured_codes(facts)
        labs = [row["condition"] for row in self.grave if row["condition"]["kind"] == "lab"]
        kept = {kind for kind, codes in stands_for.items() if any(map(self.weighs, codes))}
        kept |= {person.LABS[one["lab"]["code"]] for one in labs if person.holds(one, facts)}
        if "citalopram" in self.drug.tags:
            kept.add("qtc")
        return tuple(sorted((kind, one) for kind, one in facts.readings.items() if kind in kept))

    def concerns(self, name: str) -> bool:
        """Whether another drug, taken or stopped, can stand against this one or guard against a caution."""
        if name not in self.company:
            self.company[name] = (other := self.known.drug(name)) is not None and self._concerns(other)
        return self.company[name]

    def _concerns(self, other: DrugFacts) -> bool:
        rules = self.known.between(self.drug, other)
        return (
            bool(self.drug.tags & other.tags)
            or any(rule.get("requires_rationale") or pairs.level_of(rule) in INTERRUPTS for rule, _ in rules)
            or any(other.is_a(guard) for row in self.grave for guard in row["unless_with"] or [])
            or ("citalopram" in self.drug.tags and "CYP2C19_inhibitor" in other.classes)
        )

    def shares(self, name: str) -> bool:
        """Whether another drug holds an ingredient of this one."""
        return bool(self.drug.tags & self.known.drugs[name].tags)

    def others(self, live: Sequence[Taken], itself: str) -> tuple[Other, ...]:
        """The list as far as it concerns the drug; of what holds the same ingredient name, origin and dose as well."""
        found: list[Other] = []
        for one in live:
            if one.key == itself or one.drug is None or not self.concerns(one.drug):
                continue
            if self.shares(one.drug):
                found.append((one.drug, one.stopped_on, one.name, one.origin, one.daily_mg))
            else:
                found.append((one.drug, one.stopped_on, one.drug, "ours", None))
        return tuple(sorted(found, key=repr)) if len(found) > 1 else tuple(found)


@dataclass
class Checks:
    """The answers of one run by one knowledge and the practice's numbers; each case is answered once."""

    known: Knowledge
    limits: Limits
    scopes: dict[str, Scope | None] = field(default_factory=dict)
    answers: dict[Essence, tuple[Finding, ...]] = field(default_factory=dict)

    def scope(self, name: str) -> Scope | None:
        """What the checks of a drug look at; None: the catalogue does not hold it. Kept once found."""
        if name not in self.scopes:
            drug = self.known.drug(name)
            self.scopes[name] = None if drug is None else Scope(drug, self.known)
        return self.scopes[name]

    def found(self, facts: Facts, live: Sequence[Taken], proposed: Proposed) -> tuple[Finding, ...]:
        """What would stop or ask of an order that goes on."""
        case = self.essence(facts, live, proposed)
        if case is None:
            return ()
        found = self.answers.get(case)
        if found is None:
            found = self.answers[case] = case.found(self.known, self.limits)
        return found

    def essence(self, facts: Facts, live: Sequence[Taken], proposed: Proposed) -> Essence | None:
        """What the case comes down to; None: the catalogue does not hold the drug, nothing can stop or ask."""
        name = proposed.drug or ""
        scope = self.scope(name)
        if scope is None:
            return None
        answers = [
            (key, answer) for key, answer in facts.answers.items()
            if key in scope.states or (answer == "yes" and key in scope.yes)
        ]  # fmt: skip
        return Essence(
            name, proposed.daily_mg, proposed.depot, proposed.product_max_mg, facts.today,
            scope.ages[bisect_right(scope.ages, facts.age) - 1], facts.sex if scope.sexes else "",
            tuple(one for one in facts.allergies if scope.allergic(one, self.limits)),
            tuple(sorted({code for code in facts.conditions if scope.weighs(code)})),
            tuple(sorted(answers)), scope.measured(facts), tuple(sorted(facts.events & scope.events)),
            scope.others(live, proposed.key),
        )  # fmt: skip
