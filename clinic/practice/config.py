"""The practice's configuration: each key, its default, its source, and the value on a day (CFG in RULES)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from clinic.practice.models import Setting


@dataclass(frozen=True)
class Key:
    """A configurable value: what it means, its default, the rule or source, and the range that makes sense."""

    words: str
    default: Any
    source: str
    least: float | None = None
    most: float | None = None
    unit: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)  # where the value is one of some: what a person reads


KEYS: dict[str, Key] = {
    "reminder_offsets_days": Key("Remind so many days before a visit", [3, 1], "R-RE-06", 0, 30, "days"),
    "reminder_window": Key("Messages leave between (patient's own time)", ["08:00", "21:00"], "R-RE-05"),
    "texts_per_day": Key("Texts to one patient a day at most", 1, "R-RE-04", 1, 5),
    "texts_per_week": Key("Texts to one patient a week at most", 3, "R-RE-04", 1, 20),
    "refill_lead_days": Key("Open a refill request before the authorised end", 10, "R-RX-11", 1, 60, "days"),
    "refill_lead_days_ii": Key("Ask for a new Schedule II prescription before the end", 7, "R-RX-11", 1, 30, "days"),
    "early_fill_days_cs": Key("Early fill of a controlled substance at most", 2, "R-RX-12", 0, 10, "days"),
    "prescriber_seen_days": Key("Refill expects a prescriber's visit within", 90, "R-RX-12", 7, 400, "days"),
    "bridge_days": Key("A bridge supply lasts at most", 30, "R-RX-13", 1, 30, "days"),
    "plan_review_days": Key("The plan is reviewed every", 90, "R-TP-06", 7, 366, "days"),
    "schedule_v_as_iii": Key("Schedule V follows the limits of III and IV", True, "R-RX-04"),
    "emergency_minutes": Key("Emergency access lasts", 60, "R-HS-02", 5, 480, "minutes"),
    "telehealth_cs_until": Key("Controlled substances by telehealth until", "2026-12-31", "R-RX-09"),
    "pdmp_days": Key("The prescription monitoring program is looked up every", 90, "R-RX-10", 1, 366, "days"),
    "epcs_percent": Key("Controlled prescriptions that leave electronically, at least", 70, "R-RX-08", 0, 100, "%"),
    "epcs_small_prescriber": Key("That share is asked of who writes in a year more than", 100, "R-RX-08", 0, 1_000),
    "phq9_reliable_change": Key("PHQ-9 change that counts as reliable", 6, "R-MB-04 (5 in some US sources)", 1, 27),
    "gad7_reliable_change": Key("GAD-7 change that counts as reliable", 4, "R-MB-04", 1, 21),
    "risk_supply_days": Key("Supply of drugs dangerous in overdose while a risk is open", 14, "R-SI-04", 1, 90, "days"),
    "refill_default_days": Key("A refill covers by default", 30, "practice default", 7, 90, "days"),
    "unfilled_days": Key("Ask about a prescription that nobody filled after", 5, "practice default", 1, 60, "days"),
    "monitoring_metabolic": Key(
        "Antipsychotics: weight, glucose and lipids by",
        "ADA_APA_2004",
        "R-MO-SGA",
        choices={"ADA_APA_2004": "ADA and APA consensus, 2004", "APA_2020": "APA guideline, 2020"},
    ),
    "monitoring_valproate": Key(
        "Valproate is monitored by",
        "ISBD_2009",
        "R-MO-VPA",
        choices={"ISBD_2009": "ISBD guideline, 2009", "AACAP_BASED": "based on AACAP"},
    ),
    "monitoring_carbamazepine": Key(
        "Carbamazepine is monitored by",
        "NHS_SPS_OLD",
        "R-MO-CBZ",
        choices={"NHS_SPS_OLD": "NHS SPS, earlier edition", "NHS_SPS_NEW": "NHS SPS, newer edition"},
    ),
    "monitoring_prolactin": Key(
        "Prolactin with antipsychotics",
        "SYMPTOMS",
        "practice default",
        choices={"SYMPTOMS": "when symptoms suggest it", "BASELINE_AND_YEARLY": "at the start and yearly"},
    ),
    "aims_days_high_risk": Key("AIMS again, at higher risk, after", 180, "R-MO-AIMS", 28, 180, "days"),
    "aims_days": Key("AIMS again, otherwise, after", 365, "R-MO-AIMS", 28, 365, "days"),
    "monitoring_later_days": Key(
        "Overdue measurements stop a silent refill later than the data say, by", 0, "R-MO-99", 0, 60, "days"
    ),
    "monitoring_questions_block": Key(
        "Questions that are overdue stop a silent refill, too", False, "practice default"
    ),
    "monitoring_optional": Key(
        "Optional tests (troponin and C-reactive protein with clozapine) are asked for", False, "practice default"
    ),
    "invitation_days": Key("An invitation stays open", 7, "practice default", 1, 30, "days"),
}


def value(key: str, on: date) -> Any:
    """The value of `key` in force on the day `on`: the newest row that has begun, else the default."""
    found = (
        Setting.objects.filter(key=key, effective_from__lte=on).order_by("-effective_from", "-set_at").values("value")
    )
    row = found.first()
    return row["value"] if row else KEYS[key].default


def values(on: date) -> dict[str, Any]:
    """All values in force on the day `on`, in one query."""
    known = {key: spec.default for key, spec in KEYS.items()}
    rows = Setting.objects.filter(effective_from__lte=on).order_by("effective_from", "set_at")
    known.update({row.key: row.value for row in rows if row.key in KEYS})
    return known
