"""One visit: its panel, its steps; a patient's schedule."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_POST

from clinic import clock
from clinic.web.pages import attempt, me
from patients.record import access
from patients.record.access import patient_view
from patients.record.models import Patient
from patients.scheduling import actions, queries, rules
from patients.scheduling.calc import Range
from patients.scheduling.enums import MOVABLE, OPEN, Status
from patients.scheduling.forms import CancelForm, InErrorForm, LateForm, NotHeldForm
from patients.scheduling.models import Attendance
from patients.scheduling.rules import local_range
from patients.scheduling.wording import time_words

PAST = 60  # visits shown of the past

STEPS: dict[str, Callable[..., Attendance]] = {
    "confirm": actions.confirm, "arrive": actions.arrive, "start": actions.start, "complete": actions.complete,
    "reopen": actions.reopen,
}  # fmt: skip
NEXT = {  # the one step that is likely next, its words and its key
    Status.BOOKED: ("arrive", "Arrived", "A"),
    Status.CONFIRMED: ("arrive", "Arrived", "A"),
    Status.ARRIVED: ("start", "Start", "S"),
    Status.IN_SESSION: ("complete", "Over", "O"),
}


@patient_view("patient.contacts")
def patient(request: HttpRequest, patient: Patient) -> HttpResponse:
    """What is booked and what was, with what may be done. Queries: visits and their notes of status."""
    rows = list(queries.visits(patient.pk)[: PAST * 2])
    now = clock.now()
    ahead = [a for a in rows if a.segment.ends_at > now and a.status in OPEN]
    past = [a for a in rows if a not in ahead][:PAST]
    return render(
        request, "scheduling/patient.html",
        {
            "patient": patient, "tab": "schedule", "ahead": [_line(a) for a in reversed(ahead)],
            "past": [_line(a) for a in past], "may_book": access.may(me(request), "schedule.book", patient.pk),
        },
    )  # fmt: skip


@patient_view("patient.contacts")
def visit(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """A visit's panel: on the board as a dialog, else a page."""
    return _panel(request, patient, _attendance(patient, pk))


@patient_view("schedule.book")
@require_POST
def step(request: HttpRequest, patient: Patient, pk: UUID, what: str) -> HttpResponse:
    """Confirm, arrive, start, complete, or undo the last step."""
    if what not in STEPS:
        raise Http404
    attendance, form = _attendance(patient, pk), forms.Form(request.POST)
    if attempt(request, form, STEPS[what], attendance=attendance, by=me(request)) is None:
        return _panel(request, patient, _attendance(patient, pk), form, status=422)
    return back(request, attendance)


@patient_view("schedule.book")
def no_show(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Nobody came: why."""
    attendance = _attendance(patient, pk)
    form = NotHeldForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if attempt(request, form, actions.no_show, attendance=attendance, by=me(request), **data) is not None:
            return back(request, attendance)
    return _reason(request, attendance, form, title="Mark as not held", button="Not held")


@patient_view("schedule.book")
def cancel(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Cancel the booking, or one part of it: why."""
    attendance = _attendance(patient, pk)
    stacked = len(_booking(attendance)) > 1
    form = CancelForm(request.POST if request.method == "POST" else None, stacked=stacked)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        only = attendance if data.pop("which", "all") == "one" else None
        booking = attendance.segment.booking
        if attempt(request, form, actions.cancel, booking=booking, only=only, by=me(request), **data) is not None:
            return back(request, attendance)
    return _reason(request, attendance, form, title="Cancel the visit", button="Cancel the visit")


@patient_view("schedule.book")
def in_error(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Mark the booking as entered in error: why."""
    attendance = _attendance(patient, pk)
    form = InErrorForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        words, booking = form.cleaned_data["words"], attendance.segment.booking
        if attempt(request, form, actions.in_error, booking=booking, words=words, by=me(request)) is not None:
            messages.info(request, "The booking is marked as entered in error; its time is free again.")
            return back(request, attendance)
    return _reason(
        request, attendance, form, title="Entered in error", button="Entered in error", parts=_booking(attendance)
    )


@patient_view("schedule.book")
def late(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Running late: until about when."""
    attendance = _attendance(patient, pk)
    form = LateForm(request.POST if request.method == "POST" else None)
    zone = attendance.segment.booking.site.zone
    if request.method == "POST" and form.is_valid():
        until = form.moment(attendance.segment.starts_at, zone)
        if attempt(request, form, actions.running_late, attendance=attendance, until=until, by=me(request)) is not None:
            return back(request, attendance)
    return _reason(request, attendance, form, title="Running late", button="Save", harmless=True)


def back(request: HttpRequest, attendance: Attendance) -> HttpResponse:
    """To where the person came from: the patient's schedule, or the board at the visit."""
    if request.POST.get("back") == "patient":
        return redirect("scheduling:patient", patient_id=attendance.patient_id)
    return redirect(board_url(attendance))


def board_url(attendance: Attendance) -> str:
    """The board of the visit's day, at the visit."""
    site = attendance.segment.booking.site
    day = attendance.segment.starts_at.astimezone(site.zone).date()
    query = urlencode({"day": day.isoformat(), "site": str(site.pk)})
    return f"{reverse('scheduling:board')}?{query}#v-{attendance.pk}"


def _attendance(patient: Patient, pk: UUID) -> Attendance:
    rows = Attendance.objects.select_related("segment__booking__site", "segment__clinician", "segment__room")
    attendance = get_object_or_404(rows, pk=pk, patient=patient)
    attendance.patient = patient
    return attendance


def _booking(attendance: Attendance) -> list[Attendance]:
    """The parts of the visit's booking that are still to be held, or this one."""
    rows = Attendance.objects.filter(
        segment__booking_id=attendance.segment.booking_id, patient_id=attendance.patient_id
    ).select_related("segment__clinician")
    return list(rows.exclude(status=Status.CANCELLED).order_by("segment__starts_at")) or [attendance]


def _line(attendance: Attendance) -> dict[str, Any]:
    """A visit in words."""
    segment, zone = attendance.segment, attendance.segment.booking.site.zone
    starts, ends = segment.starts_at.astimezone(zone), segment.ends_at.astimezone(zone)
    error = queries.in_error(attendance)
    words = "entered in error" if error else attendance.get_status_display()
    return {
        "attendance": attendance, "segment": segment, "day": starts.date(), "in_error": error, "words": words,
        "when": f"{local_range(Range(starts, ends), zone)} {time_words(ends.time())[-2:]}",
        "why": ("" if error else attendance.get_reason_display()) or "", "waits": attendance.status in OPEN,
        "movable": attendance.status in MOVABLE,
        "parts": [], "patient_id": attendance.patient_id,
    }  # fmt: skip


def _panel(
    request: HttpRequest, patient: Patient, attendance: Attendance, form: forms.Form | None = None, status: int = 200
) -> HttpResponse:
    """Queries: the booking's parts, the steps, the viewer's right."""
    now, zone = clock.now(), attendance.segment.booking.site.zone
    upcoming = NEXT.get(Status(attendance.status))
    refusal = None
    if upcoming:
        to = {"arrive": Status.ARRIVED, "start": Status.IN_SESSION, "complete": Status.COMPLETED}[upcoming[0]]
        refusal = rules.step(attendance, to, now, zone)
    steps = list(attendance.steps.select_related("by"))
    context = _line(attendance) | {
        "patient": patient, "tab": "schedule", "booking": attendance.segment.booking, "step_error": form,
        "parts": [(a, a.segment.starts_at.astimezone(zone)) for a in _booking(attendance)], "next": upcoming,
        "next_refusal": refusal, "away": queries.away(attendance),
        "no_show_refusal": rules.step(attendance, Status.NO_SHOW, now, zone),
        "steps": [(s, s.at.astimezone(zone)) for s in steps],
        "may_undo": rules.reopen(attendance, rules.path([s.status for s in steps])) is None,
        "may_book": access.may(me(request), "schedule.book", patient.pk), "hand_over": _hand_over(attendance),
        "board_url": board_url(attendance), "zone": zone, "back": request.POST.get("back", ""),
    }  # fmt: skip
    template = "scheduling/visit.html#panel" if getattr(request, "htmx", False) else "scheduling/visit.html"
    return render(request, template, context, status=status)


def _hand_over(attendance: Attendance) -> str:
    """Where the questionnaire is handed to somebody who has arrived, if a room above offers it."""
    if attendance.status not in (Status.ARRIVED, Status.IN_SESSION):
        return ""
    try:
        page = reverse("measures:hand_over", kwargs={"patient_id": attendance.patient_id})
    except NoReverseMatch:
        return ""
    return f"{page}?{urlencode({'attendance': attendance.pk})}"


def _reason(
    request: HttpRequest, attendance: Attendance, form: forms.Form, *, title: str, button: str, harmless: bool = False,
    parts: Sequence[Attendance] = (),
) -> HttpResponse:  # fmt: skip
    """A page, or the dialog's inside, that asks why. `parts`: what it is about, where that is the whole booking."""
    context = _line(attendance) | {
        "patient": attendance.patient, "tab": "schedule", "form": form, "title": title, "button": button,
        "harmless": harmless, "back": request.POST.get("back") or request.GET.get("back", ""),
        "board_url": board_url(attendance), "parts": parts if len(parts) > 1 else (),
    }  # fmt: skip
    fragment = getattr(request, "htmx", False)
    template = "scheduling/reason.html#panel" if fragment else "scheduling/reason.html"
    return render(request, template, context, status=422 if form.is_bound else 200)
