"""Parts of a patient's page: the strip's facts, the tabs, the age."""

from typing import Any

from django import template
from django.urls import reverse

from clinic import clock
from clinic.ports import ChartTab, load
from patients.record import access, calc, panels
from patients.record.models import Patient
from patients.record.queries import Hit

register = template.Library()


@register.filter
def age(patient: Patient) -> int:
    """Completed years today, in the patient's zone."""
    return calc.age(patient.born_on, clock.today(patient.zone))


@register.inclusion_tag("record/strip_facts.html", takes_context=True)
def strip_facts(context: dict[str, Any], patient: Patient) -> dict[str, Any]:
    """What the rooms of STRIP_PARTS say, each (patient, viewer) -> StripPart | None; to the desk, how to reach them."""
    viewer = context["request"].user
    held = access.rights(context["request"], patient)
    if "chart.read" not in held:
        return {"parts": [panels.reached(patient)] if "patient.contacts" in held else []}
    parts = [part(patient, viewer) for part in load("STRIP_PARTS")]
    until = access.emergency_until(context["request"], patient)
    opened = [panels.opened(patient, until)] if until else []
    return {"parts": opened + [part for part in parts if part]}


@register.inclusion_tag("record/chart_tabs.html", takes_context=True)
def chart_tabs(context: dict[str, Any], patient: Patient, tab: str) -> dict[str, Any]:
    """The tabs below the strip (port CHART_TABS) that the viewer may open; `tab` is the present one's key."""
    held = access.rights(context["request"], patient)
    tabs: list[ChartTab] = [t for t in load("CHART_TABS") if t.capability in held]
    return {"tabs": tabs, "patient": patient, "here": tab}


@register.inclusion_tag("record/hit_row.html", takes_context=True)
def hit_row(context: dict[str, Any], hit: Hit) -> dict[str, Any]:
    """A row of the list of patients. Drawn by one template a row, however many there are."""
    return _hit(context, hit)


@register.inclusion_tag("record/hit_link.html", takes_context=True)
def hit_link(context: dict[str, Any], hit: Hit) -> dict[str, Any]:
    """A link of the palette."""
    return _hit(context, hit)


def _hit(context: dict[str, Any], hit: Hit) -> dict[str, Any]:
    """Where the row leads: the chart, the desk's page, or the way in for an emergency (R-HP-08)."""
    pk, url, emergency = hit.patient.pk, "", ""
    if hit.reads_chart:
        url = reverse("chart:chart", args=[pk])
    elif hit.is_open:
        url = reverse("record:desk", args=[pk])
    emergency = (
        "" if hit.reads_chart or not context["may_open_in_emergency"] else reverse("record:emergency", args=[pk])
    )
    known = {"hit": hit, "patient": hit.patient, "url": url, "emergency": emergency, "desk": context["desk"]}
    return known | {"visit": context["visits"].get(pk)}
