"""What the checks are asked with and what they answer: plain values, no models."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from medications.safety.enums import Level


@dataclass(frozen=True, slots=True)
class Allergy:
    """An allergy as recorded: kind is ingredient, class or substance."""

    kind: str
    name: str
    reaction: str = ""
    severe: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """The practice's numbers (CFG in RULES)."""

    v_as_iii: bool = True  # R-RX-04
    risk_days: int = 14  # R-SI-04
    telehealth_until: date = date(2026, 12, 31)  # R-RX-09
    pdmp_days: int = 90  # R-RX-10
    lowered: frozenset[str] = frozenset()  # rules that the practice lowered from “ask” to “note”; never a stop


@dataclass(frozen=True, slots=True)
class Measured:
    """Something measured: a value (blood pressure: over `lower`) and its day."""

    value: Decimal
    on: date
    lower: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which one dose was taken without a break; `until` is the first day without, None: it goes on."""

    daily_mg: Decimal
    start: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the patient. `answers`: medical facts by key (yes, no, unsure); absent: never asked."""

    today: date
    age: int
    sex: str = ""  # female, male, other; empty: not recorded
    allergies_asked: str = "never_asked"  # never_asked, none_known, some
    allergies: tuple[Allergy, ...] = ()
    conditions: tuple[str, ...] = ()  # ICD-10-CM codes that are active
    answers: Mapping[str, str] = field(default_factory=dict)
    risk_open: bool = False
    readings: Mapping[str, Measured] = field(default_factory=dict)  # weight, pressure, pulse, qtc, egfr
    events: frozenset[str] = frozenset()  # of lifestyle: alcohol_use, smoking_stopped, smoking_started
    in_person_on: date | None = None  # R-RX-09: an examination in person
    pdmp_on: date | None = None  # R-RX-10: when the monitoring program was last looked up


@dataclass(frozen=True, slots=True)
class Taken:
    """A medicine that the patient takes, or took until `stopped_on` (the first day without).

    `drug` is the catalogue's generic name, or None: then nothing can be compared with it.
    """

    key: str
    name: str
    drug: str | None
    daily_mg: Decimal | None = None
    stopped_on: date | None = None
    origin: str = "ours"


@dataclass(frozen=True, slots=True)
class Proposed:
    """What is about to be signed. `key`: the prescription it changes, so that it is not compared with itself."""

    drug: str | None
    name: str
    daily_mg: Decimal
    from_day: date
    key: str = ""
    starts: bool = True
    depot: bool = False  # long-acting injections have no daily numbers
    product_max_mg: Decimal | None = None
    days_supply: int | None = None
    refills: int | None = None
    course: tuple[Stretch, ...] = ()  # of this prescription so far, holds left out
    seen: str = ""  # how the patient is seen today: in_person, video, audio; empty: nobody said
    counted: int = 0  # refills that this prescription has had since it was issued (R-RX-03)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check says. `code` is unique within a check and names the field that answers it."""

    level: Level
    code: str
    rule_id: str
    title: str
    sentence: str
    source: tuple[str, ...] = ()
    confidence: str = ""
    watch: str = ""  # what the therapist should look out for
    remedy: Mapping[str, str] = field(default_factory=dict)  # what the form would hold instead: every, daily
