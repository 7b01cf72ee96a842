"""A series of Schedule II, what the certified system did, the monthly log, who began by telehealth."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from clinic import clock
from clinic.practice import config
from clinic.refusal import Refused
from clinic.web.pages import attempt, me, needs, note_refusal
from medications.controlled import actions, calc, forms, queries
from medications.controlled.certified import backend
from medications.controlled.models import LogReview
from medications.prescribing import calc as prescribing_calc
from medications.prescribing import checks, desk
from medications.prescribing import forms as prescribing_forms
from medications.prescribing import queries as prescribing
from medications.prescribing.checks import Regimen, Supply
from medications.prescribing.models import Authorisation, DoseOrder, Prescription
from medications.safety.enums import Level
from patients.record.access import may, patient_view
from patients.record.models import Patient

TAB = "medication"
OLDEST = date(2020, 1, 1)


def _data(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


@require_http_methods(["GET", "POST"])
@patient_view("medication.prescribe")
def series(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Write a series of Schedule II prescriptions, each with its earliest fill date (R-RX-02)."""
    rows = Prescription.objects.select_related("drug").filter(patient=patient, origin="ours", retracted_at=None)
    row = get_object_or_404(rows, pk=pk, stopped_on=None, drug__schedule="II")
    today = clock.today(patient.zone)
    order = prescribing.current_order(row, today) or prescribing.next_order(row, today)
    if order is None:
        raise Http404
    last = order.authorisations.order_by("-issued_at").first()
    days = min(last.days_supply if last else 30, 30)
    per_day = prescribing_calc.units_per_day(
        order.lines, order.every_days, order.max_per_day if order.as_needed else None
    )
    quantity = prescribing_calc.quantity_for(days, per_day, every_days=order.every_days)
    first = {"days": days, "quantity": prescribing_calc.short(quantity)}
    form = forms.SeriesForm(_data(request), initial=first, statement=actions.STATEMENT)
    given = prescribing_forms.answers(request.POST)
    if form.is_valid() and _written(request, form, row, given):
        messages.success(request, "The series is written. Sign each in the certified system.")
        return redirect("controlled:order", patient.pk, order.pk)
    context = {
        "patient": patient, "tab": TAB, "form": form, "row": row, "order": order, "backend": backend(),
        "shown": _findings(patient, row, order, days, given, form.is_bound),
        "dates": _dates(form, today), "desk": desk.Desk(),
    }  # fmt: skip
    return render(request, "controlled/series.html", context, status=422 if form.is_bound else 200)


def _written(request: HttpRequest, form: forms.SeriesForm, row: Prescription, given: dict[str, Any]) -> bool:
    data = form.cleaned_data
    try:
        quantity = prescribing_calc.decimal(data["quantity"], "The quantity")
    except prescribing_calc.Unclear as unclear:
        form.add_error("quantity", str(unclear))
        return False
    if not 2 <= data["count"] <= 6 or not 1 <= data["days"] <= calc.MOST_DAYS:
        form.add_error("count", f"Two to six prescriptions, {calc.MOST_DAYS} days in all at most.")
        return False
    try:
        actions.write_series(
            row, supplies=[Supply(quantity, data["days"])] * data["count"], attested=data["attested"], answers=given,
            by=me(request),
        )  # fmt: skip
    except Refused as refused:
        if not refused.field.startswith("answer:"):
            form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
        note_refusal(request, refused, row.patient_id)
        return False
    return True


def _findings(
    patient: Patient, row: Prescription, order: DoseOrder, days: int, given: dict[str, Any], tried: bool
) -> list[desk.Shown]:
    regimen = Regimen(order.product, order.lines, order.every_days, order.as_needed, order.max_per_day)
    supply = Supply(prescribing_calc.decimal("1"), days)
    checked = checks.order(patient, regimen, supply, from_day=clock.today(patient.zone), prescription=row)
    found = [one for one in checked.findings if one.code.startswith(actions.OF_SUPPLY) and one.level != Level.NOTE]
    return [desk.shown(one, given, tried) for one in found]


def _dates(form: forms.SeriesForm, today: date) -> list[date | None]:
    try:
        count, days = int(form["count"].value()), int(form["days"].value())
    except (TypeError, ValueError):
        return []
    return calc.earliest_fills(today, [days] * count) if 2 <= count <= 6 and 1 <= days <= calc.MOST_DAYS else []


@require_GET
@patient_view("medication.read")
def order(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """The controlled authorisations of an order: intent, number, status."""
    found = get_object_or_404(DoseOrder.objects.select_related("prescription__drug"), pk=pk, patient=patient)
    rows = queries.of_order(found.pk)
    if not rows:
        raise Http404
    context = {
        "patient": patient, "tab": TAB, "order": found, "rows": rows, "backend": backend(),
        "may_prescribe": may(me(request), "medication.prescribe", patient.pk), "viewer": me(request),
    }  # fmt: skip
    return render(request, "controlled/order.html", context)


@require_http_methods(["GET", "POST"])
@patient_view("medication.prescribe")
def certified(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Tell what the certified system did with one authorisation."""
    rows = Authorisation.objects.select_related("order__product__drug").exclude(schedule="")
    row = get_object_or_404(rows, pk=pk, patient=patient)
    form = forms.CertifiedForm(_data(request))
    if form.is_valid() and attempt(
        request, form, actions.tell_certified, authorisation=row, by=me(request), **form.cleaned_data
    ):
        messages.success(request, "Kept.")
        return redirect("controlled:order", patient.pk, row.order_id)
    context = {"patient": patient, "tab": TAB, "form": form, "row": row, "backend": backend()}
    return render(request, "controlled/certified.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@patient_view("medication.prescribe")
def more(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """More refills of the same prescription, five in six months with those it had (R-RX-03)."""
    rows = Authorisation.objects.select_related("order__product__drug", "prescription")
    row = get_object_or_404(rows, pk=pk, patient=patient, schedule__in=["III", "IV", "V"])
    form = forms.MoreForm(_data(request))
    if form.is_valid() and attempt(
        request, form, actions.add_refills, authorisation=row, by=me(request), **form.cleaned_data
    ):
        messages.success(request, "Authorised. Sign it in the certified system.")
        return redirect("controlled:order", patient.pk, row.order_id)
    context = {"patient": patient, "tab": TAB, "form": form, "row": row, "backend": backend(), "more": True}
    return render(request, "controlled/certified.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@needs("medication.prescribe")
def log(request: HttpRequest) -> HttpResponse:
    """The prescriber's own log of a month; looked through by name once the month is over (R-RX-07, R-RX-08)."""
    this = calc.month_of(prescribing.practice_today())
    month = _month(request, this)
    form = forms.ReviewForm(_data(request))
    if form.is_valid() and attempt(request, form, actions.review_log, month=month, by=me(request), **form.cleaned_data):
        messages.success(request, "Kept.")
        return redirect("controlled:log")
    numbers = config.values(prescribing.practice_today())
    context = {
        "share": queries.share(me(request), month.year), "share_least": numbers["epcs_percent"],
        "share_above": numbers["epcs_small_prescriber"],
        "rows": queries.log(me(request), month), "month": month, "before": calc.before(month),
        "after": calc.after(month) if month < this else None, "over": month < this, "form": form, "backend": backend(),
        "review": LogReview.objects.filter(user=me(request), month=month).first(),
    }  # fmt: skip
    return render(request, "controlled/log.html", context, status=422 if form.is_bound else 200)


def _month(request: HttpRequest, this: date) -> date:
    """The month of the address, else the last one that is over."""
    try:
        found = date.fromisoformat(f"{request.GET.get('month', '')[:7]}-01")
    except ValueError:
        return calc.before(this)
    return min(max(found, OLDEST), this)


@require_GET
@needs("medication.prescribe")
def telehealth(request: HttpRequest) -> HttpResponse:
    """The person's patients with a controlled substance: without an examination, with a program due."""
    today = prescribing.practice_today()
    context = {
        "rows": queries.mine(queries.without_exam(today), me(request)),
        "due": queries.mine(queries.without_look_up(today, int(config.value("pdmp_days", today))), me(request)),
        "until": date.fromisoformat(str(config.value("telehealth_cs_until", today))),
        "today": today,
    }
    return render(request, "controlled/telehealth.html", context)
