"""What the measures room offers to the ports: the tab, the strip's word on risk, its tasks."""

from typing import Any

from django.urls import reverse

from clinic.ports import ChartTab, StripPart, TaskKind
from clinic.web.templatetags.words import short_day
from patients.measures import instruments, queries
from patients.record.models import Patient
from patients.risk.queries import open_words

TAB = ChartTab("measures", "Measures", "measures:measures", "chart.read")  # port CHART_TABS


def task_kinds() -> list[TaskKind]:
    """Port TASK_KINDS: answers that a clinician must have seen."""
    return [
        TaskKind(
            "measures.acknowledge", "Score to acknowledge", "Read and acknowledge the answers", "measures:score",
            "risk.resolve", "patient",
        )
    ]  # fmt: skip


def risk(patient: Patient, viewer: Any) -> StripPart:
    """Port STRIP_PARTS: the open flags, or what item 9 last said; it never hides. At most two queries."""
    flags = open_words(patient.pk)
    if flags:
        return StripPart(
            "Risk",
            [
                {
                    "mark": "r",
                    "strong": "Open flag.",
                    "text": flag.sentence,
                    "tone": "risk",
                    "url": reverse("risk:flag", kwargs={"patient_id": patient.pk, "pk": flag.pk}),
                }
                for flag in flags[:3]
            ],
        )
    return StripPart("Risk", [{"strong": "No open flag.", "text": _item_9(patient)}])


def _item_9(patient: Patient) -> str:
    """Never asked differs from 0, and 0 is no clearance: the day stands beside it."""
    found = queries.last_answer(patient.pk, "phq9", instruments.get("phq9").numbers.index(9))
    if found is not None:
        return f"Item 9 was {found[0]} on {short_day(found[1])}"
    return "Item 9 never asked"
