"""From minutes to the code they support, and which codes may stand beside each other on one day.

Codes are numbers with our own words (data/README.md). Every answer says why, so that the clinician decides. Rules:
R-CPT-01 to R-CPT-08, R-TH-01. What is "(to confirm)" there stays so. Not billing advice.
"""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from patients.notes.enums import Service

DATA = Path(__file__).parent / "data" / "cpt.json"

# An associate works and bills under a supervisor, as the licence aimed at (payers differ, to confirm).
UNDER_SUPERVISION = {"LPC-A": "LPC"}


@dataclass(frozen=True, slots=True)
class Code:
    """A code, its minutes (both ends included, None: open) and what may stand beside it."""

    code: str
    words: str
    kind: str
    who: str
    least: int | None
    most: int | None
    add_on: bool
    add_on_to: frozenset[str]
    not_with: frozenset[str]
    needs_visit: bool
    units_per_day: int | None
    from_day: date | None
    to_day: date | None
    rules: tuple[str, ...]
    confidence: str
    note: str

    @property
    def is_visit(self) -> bool:
        """Whether it is a medical visit (E/M) and no add-on to one."""
        return self.kind in ("E/M new", "E/M established")

    @property
    def range(self) -> str:
        """The minutes in words: "16–37", "53 or more"; empty for an untimed code."""
        if self.least is None:
            return ""
        return f"{self.least} or more" if self.most is None else f"{self.least}–{self.most}"

    def in_force(self, on: date) -> bool:
        """Whether the code may be used on the day."""
        return (self.from_day is None or self.from_day <= on) and (self.to_day is None or on <= self.to_day)


@dataclass(frozen=True, slots=True)
class Support:
    """The codes that minutes support, in order, with the reason and the next threshold in words."""

    codes: tuple[str, ...]
    reason: str
    rule: str
    next_code: str = ""
    next_minute: int | None = None

    @property
    def code(self) -> str:
        """The first code; empty where the minutes support none."""
        return self.codes[0] if self.codes else ""

    @property
    def next(self) -> str:
        """The next threshold: "90834 from minute 38"; empty at the top."""
        return f"{self.next_code} from minute {self.next_minute}" if self.next_code else ""


@cache
def everything() -> dict[str, Code]:
    """All codes by number."""
    return {row["code"]: _code(row) for row in _raw()["codes"]}


@cache
def licences(who: str) -> frozenset[str]:
    """The licences that a `who` of the data covers. Raises KeyError for an unknown one."""
    return frozenset(_raw()["_meta"]["who_values"][who])


def may_bill(code: str, licence: str) -> bool:
    """Whether a clinician with this licence may bill the code. Raises KeyError for an unknown code."""
    allowed = licences(everything()[code].who)
    return "any" in allowed or UNDER_SUPERVISION.get(licence, licence) in allowed


def therapy(minutes: int, *, with_visit: bool = False) -> Support:
    """The psychotherapy code that minutes support (R-CPT-01); `with_visit`: added to a medical visit (R-CPT-02).

    Minutes of a medical visit are not therapy minutes (R-CPT-03).
    """
    codes = ("90833", "90836", "90838") if with_visit else ("90832", "90834", "90837")
    return _by_minutes(minutes, codes, "R-CPT-01")


def crisis(minutes: int, *, with_visit: bool = False) -> Support:
    """Crisis therapy: 90839 from 30 minutes, with 90840 for each further 30 from minute 75 (R-CPT-06, to confirm)."""
    if _whole(minutes) < 30:
        below = therapy(minutes, with_visit=with_visit)
        reason = f"Under 30 minutes crisis therapy is coded as therapy. {below.reason}"
        return Support(below.codes, reason, "R-CPT-06", "90839", 30)
    further = max(0, (minutes - 45) // 30)
    codes = ("90839",) + ("90840",) * further
    times = {0: "", 1: " with 90840"}.get(further, f" with 90840 × {further}")
    reason = f"{_minutes(minutes)} fit 90839{times} (30–74, then one more for each 30)."
    return Support(codes, reason, "R-CPT-06", "90840", 75 + 30 * further)


def visit_by_time(minutes: int, *, new_patient: bool) -> Support:
    """The medical visit's code by total time that day, met or exceeded (R-CPT-04); never with therapy (R-CPT-03)."""
    codes = ("99202", "99203", "99204", "99205") if new_patient else ("99212", "99213", "99214", "99215")
    return _by_minutes(minutes, codes, "R-CPT-04")


def visit_by_decisions(level: str, *, new_patient: bool) -> str:
    """The medical visit's code by decision making: straightforward, low, moderate, high. Raises KeyError."""
    return str(_raw()["em_levels"]["new" if new_patient else "established"][level])


def family(minutes: int, *, with_patient: bool) -> Support:
    """Family or couple therapy, billable from 26 minutes (R-CPT-05, to confirm)."""
    return _by_minutes(minutes, ("90847" if with_patient else "90846",), "R-CPT-05")


def support(service: str, minutes: int, *, with_visit: bool = False, new_patient: bool = False) -> Support:
    """What minutes of a service support. Raises ValueError for an unknown service or for minutes below 0."""
    match Service(service):
        case Service.THERAPY:
            return therapy(minutes, with_visit=with_visit)
        case Service.CRISIS:
            return crisis(minutes, with_visit=with_visit)
        case Service.VISIT:
            return visit_by_time(minutes, new_patient=new_patient)
        case Service.FAMILY_WITH | Service.FAMILY_WITHOUT as family_service:
            return family(minutes, with_patient=family_service is Service.FAMILY_WITH)


def evaluation(licence: str) -> str:
    """The code of a first evaluation: with medical services for those who may bill them (R-CPT-05)."""
    return "90792" if may_bill("90792", licence) else "90791"


GROUP = "90853"


@dataclass(frozen=True, slots=True)
class Place:
    """Place of service and modifier of a claim; no modifier: empty."""

    pos: str
    modifier: str


def place(mode: str, patient_at: str, *, payer_wants_95: bool) -> Place:
    """POS and modifier (R-TH-01). `mode`: in_person, video or phone; `patient_at`: home, office, school or another.

    OHP always wants 95 or 93; audio only is 93 for every payer.
    """
    if mode == "in_person":
        return Place({"home": "12", "school": "03"}.get(patient_at, "11"), "")
    if mode not in ("video", "phone"):
        raise ValueError(f"Unknown way of meeting: {mode}")
    modifier = "93" if mode == "phone" else "95" if payer_wants_95 else ""
    return Place("10" if patient_at == "home" else "02", modifier)


def _by_minutes(minutes: int, codes: tuple[str, ...], rule: str) -> Support:
    """The last of `codes` (in rising order) whose least minutes are reached."""
    rows = [everything()[code] for code in codes]
    reached = [row for row in rows if row.least is not None and row.least <= _whole(minutes)]
    following = next((row for row in rows if row.least is not None and row.least > minutes), None)
    next_code, next_minute = (following.code, following.least) if following else ("", None)
    if not reached:
        supports = "supports" if minutes == 1 else "support"
        reason = f"{_minutes(minutes)} {supports} no code; {next_code} begins at minute {next_minute}."
        return Support((), reason, rule, next_code, next_minute)
    row = reached[-1]
    return Support((row.code,), f"{_minutes(minutes)} fit {row.code} ({row.range}).", rule, next_code, next_minute)


def _whole(minutes: int) -> int:
    if isinstance(minutes, bool) or not isinstance(minutes, int) or minutes < 0:
        raise ValueError("Minutes are whole numbers from 0.")
    return minutes


def _minutes(minutes: int) -> str:
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


@cache
def _raw() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
    return loaded


def _code(row: dict[str, Any]) -> Code:
    least, most = row["minutes"] or (None, None)
    return Code(
        code=row["code"],
        words=row["words"],
        kind=row["kind"],
        who=row["who"],
        least=least,
        most=most,
        add_on=row["add_on"],
        add_on_to=frozenset(row["add_on_to"] or ()),
        not_with=frozenset(row["not_same_day_same_clinician"]),
        needs_visit="E/M" in row["needs_same_day_same_clinician"],
        units_per_day=row["max_units_per_day"],
        from_day=date.fromisoformat(row["effective_from"]) if row["effective_from"] else None,
        to_day=date.fromisoformat(row["effective_to"]) if row["effective_to"] else None,
        rules=tuple(row["rules"]),
        confidence=row["confidence"],
        note=row["note"] or "",
    )
