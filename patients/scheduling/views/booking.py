"""Booking and moving: find the patient, find the time, book; walk-ins and telephone contacts."""

from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.staff.enums import Role
from clinic.staff.models import User
from clinic.web.pages import attempt, me, needs
from patients.record import access, search
from patients.record.access import patient_view
from patients.record.models import Patient
from patients.scheduling import actions, queries
from patients.scheduling.calc import Range, Stacked
from patients.scheduling.enums import MOVABLE, Mode, Service
from patients.scheduling.forms import (
    CHOOSE,
    MINUTES,
    CallForm,
    FindForm,
    NowForm,
    SlotForm,
    fresh_key,
    usual_service,
)  # fmt: skip
from patients.scheduling.models import Attendance, Booking
from patients.scheduling.queries import Wish
from patients.scheduling.rules import Part
from patients.scheduling.views.visit import board_url
from patients.scheduling.wording import day_words, time_words

DAYS = 8  # days with free times shown at once
GAP = 15  # minutes of waiting between two clinicians, unless told otherwise


@needs("schedule.book")
def find(request: HttpRequest) -> HttpResponse:
    """Whom to book for: by POST, so that no address holds a name. The slot that was clicked goes along by key."""
    form = FindForm(request.POST if request.method == "POST" else None)
    found: list[Patient] | None = None
    status = 200
    if request.method == "POST":
        if form.is_valid():
            found = [hit.patient for hit in search.find(form.cleaned_data["words"], me(request)) if hit.is_open]
            audit.record(Kind.SEARCHED, by=me(request), what="scheduling.find", detail={"found": len(found)})
        else:
            status = 422
    wanted = {key: request.GET[key] for key in ("clinician", "start", "two") if key in request.GET}
    return render(
        request, "scheduling/find.html",
        {"form": form, "found": found, "wanted": urlencode(wanted), "nav_here": "scheduling:board"}, status=status,
    )  # fmt: skip


@patient_view("schedule.book")
def book(request: HttpRequest, patient: Patient) -> HttpResponse:
    """With whom, for what, when: the next free times for one clinician, or for two in one call; then book."""
    people = queries.clinicians()
    given = request.POST if request.method == "POST" else _first(request, patient, people)
    form = SlotForm(given, site=patient.site, people=people, sites=queries.sites())
    valid = form.is_valid()
    if valid and "book" in request.POST:
        data, parts = form.cleaned_data, form.parts()
        booking: Booking | None = None
        if parts is None:
            form.add_error(None, CHOOSE)
        else:
            booking = attempt(
                request, form, actions.book, patient=patient, site=form.site, parts=parts, mode=data["mode"],
                desk_note=data["desk_note"], request_key=data["request_key"], by=me(request),
            )  # fmt: skip
        if booking is not None and parts is not None:
            return _booked(request, booking, parts)
    return _slots(request, patient, form, title="Book a visit", button="Book")


@patient_view("schedule.book")
def move(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """The same booking at another time, with another clinician, in another room."""
    attendance = get_object_or_404(Attendance.objects.select_related("segment__booking__site"), pk=pk, patient=patient)
    booking, people = attendance.segment.booking, queries.clinicians()
    given = request.POST if request.method == "POST" else _as_booked(booking)
    form = SlotForm(given, site=booking.site, people=people, mode=booking.mode)
    valid = form.is_valid()
    if valid and "book" in request.POST:
        parts = form.parts()
        if parts is None:
            form.add_error(None, CHOOSE)
        elif attempt(request, form, actions.move, booking=booking, parts=parts, by=me(request)) is not None:
            return _booked(request, booking, parts, word="Moved to")
    return _slots(request, patient, form, title="Move the visit", button="Move", moving=attendance)


@patient_view("schedule.book")
def walk_in(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Somebody is here without a booking: booked from now on, and arrived."""
    people = queries.clinicians()
    start = {"clinician": _team(patient, people)[0], "request_key": fresh_key()} if people else {}
    form = NowForm(request.POST if request.method == "POST" else None, people=people, initial=start)
    if request.method == "POST" and form.is_valid():
        data, begin = form.cleaned_data, clock.now().replace(second=0, microsecond=0)
        span = Range(begin, begin + timedelta(minutes=data["minutes"]))
        room = queries.free_room(patient.site, form.who(), span)
        parts = [Part(form.who(), data["service"], span.starts_at, span.ends_at, room)]
        booking = attempt(
            request, form, actions.book, patient=patient, site=patient.site, parts=parts, walk_in=True,
            desk_note=data["desk_note"], request_key=data["request_key"], by=me(request),
        )  # fmt: skip
        if booking is not None:
            attendance = _part(booking)
            actions.arrive(attendance, by=me(request))
            return redirect(board_url(attendance))
    return _now(request, patient, form, title="Walk-in, here now", button="Here now")


@patient_view("schedule.book")
def call(request: HttpRequest, patient: Patient) -> HttpResponse:
    """A telephone contact of today, recorded with its minutes."""
    people, zone = queries.clinicians(), patient.site.zone
    now = clock.now().astimezone(zone)
    start = {"began": now.time(), "minutes": MINUTES[Service.TELEPHONE], "request_key": fresh_key()}
    start |= {"clinician": _team(patient, people)[0]} if people else {}
    form = CallForm(request.POST if request.method == "POST" else None, people=people, initial=start)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        begun = datetime.combine(now.date(), data["began"], zone)
        booking = attempt(
            request, form, actions.telephone, patient=patient, site=patient.site, clinician=form.who(),
            starts_at=begun, minutes=data["minutes"], desk_note=data["desk_note"], request_key=data["request_key"],
            by=me(request),
        )  # fmt: skip
        if booking is not None:
            return redirect(board_url(_part(booking)))
    return _now(request, patient, form, title="Telephone contact", button="Record the call")


def _part(booking: Booking) -> Attendance:
    rows = Attendance.objects.filter(segment__booking=booking).select_related("segment__booking__site")
    return rows.order_by("segment__starts_at")[0]


def _now(request: HttpRequest, patient: Patient, form: NowForm, *, title: str, button: str) -> HttpResponse:
    context = {"patient": patient, "tab": "schedule", "form": form, "title": title, "button": button}
    return render(request, "scheduling/now.html", context, status=422 if form.is_bound else 200)


def _booked(request: HttpRequest, booking: Booking, parts: list[Part], word: str = "Booked for") -> HttpResponse:
    """Back to the board, at the visit, with a line that says when (and never who)."""
    zone = booking.site.zone
    begin = min(part.starts_at for part in parts).astimezone(zone)
    messages.info(request, f"{word} {day_words(begin.date())}, {time_words(begin.time())}.")
    return redirect(board_url(_part(booking)))


def _slots(
    request: HttpRequest, patient: Patient, form: SlotForm, *, title: str, button: str, moving: Attendance | None = None
) -> HttpResponse:
    """The form and the times that fit it. One statement finds them all."""
    options: list[dict[str, Any]] = []
    wishes: list[Wish] = []
    if form.is_bound and not [name for name in form.errors if name != "__all__"] and hasattr(form, "cleaned_data"):
        data, wishes = form.cleaned_data, form.wishes()
        gap = data.get("gap")
        found = queries.slots(
            form.site, wishes, data["from_day"], now=clock.now(), gap_max=GAP if gap is None else gap,
            patient_id=None if moving else patient.pk,
        )  # fmt: skip
        options = _days(found, form.site.zone, data["slot"])
    context = {
        "patient": patient, "tab": "schedule", "form": form, "days": options, "title": title, "button": button,
        "moving": moving, "names": ", then ".join(w.clinician.given_name for w in wishes), "zone": form.site.zone,
    }  # fmt: skip
    htmx = getattr(request, "htmx", False)
    failed = request.method == "POST" and bool(form.errors) and not htmx
    template = "scheduling/book.html#options" if htmx else "scheduling/book.html"
    return render(request, template, context, status=422 if failed else 200)


def _days(found: list[Range] | list[Stacked], zone: ZoneInfo, chosen: str) -> list[dict[str, Any]]:
    """The slots by day, as radio buttons: value and words."""
    rows = []
    for slot in found:
        spans = [slot.first, slot.second] if isinstance(slot, Stacked) else [slot]
        value = ",".join(span.starts_at.isoformat() for span in spans)
        begins = [time_words(span.starts_at.astimezone(zone).time()) for span in spans]
        rows.append((spans[0].starts_at.astimezone(zone).date(), value, ", then ".join(begins)))
    days: list[dict[str, Any]] = []
    for day, group in groupby(rows, key=lambda row: row[0]):
        slots = [{"value": v, "words": w, "chosen": v == chosen} for _, v, w in group]
        days.append({"day": day, "slots": slots, "open": not days or any(slot["chosen"] for slot in slots)})
    return days[:DAYS]


def _team(patient: Patient, people: list[User]) -> list[str]:
    """Keys of the clinicians who are bookable, the patient's therapist and prescriber first."""
    team = list(access.members().filter(patient=patient).values_list("user_id", "role"))
    order = {user: 0 if role == "therapist" else 1 for user, role in team}
    return [str(user.pk) for user in sorted(people, key=lambda user: order.get(user.pk, 2))]


def _first(request: HttpRequest, patient: Patient, people: list[User]) -> dict[str, Any]:
    """What the form holds at first: the clinician that was clicked, or the patient's own."""
    by_key = {str(user.pk): user for user in people}
    keys = _team(patient, people)
    wanted = request.GET.get("clinician", "")
    first = wanted if wanted in by_key else next(iter(keys), "")
    service = usual_service(by_key[first]) if first else Service.THERAPY
    start = request.GET.get("start", "")
    day = clock.today(patient.site.zone)
    values: dict[str, Any] = {
        "clinician": first, "service": service.value, "minutes": MINUTES[service], "from_day": day.isoformat(),
        "mode": Mode.IN_PERSON.value, "at": str(patient.site_id), "gap": GAP,
        "request_key": str(fresh_key()), "slot": "", "desk_note": "",
    }  # fmt: skip
    try:
        begun = datetime.fromisoformat(start).astimezone(patient.site.zone)
        values |= {
            "from_day": max(begun.date(), day).isoformat(),
            "slot": begun.astimezone(UTC).isoformat(),
        }
    except (ValueError, OverflowError):
        pass
    if "two" in request.GET and first:
        others = [key for key in keys if (Role.PRESCRIBER in by_key[key].held_roles()) and key != first]
        if others:
            service = usual_service(by_key[others[0]])
            values |= {
                "second_clinician": others[0],
                "second_service": service.value,
                "second_minutes": MINUTES[service],
            }
    return values


def _as_booked(booking: Booking) -> dict[str, Any]:
    """The form as the booking stands, without a slot."""
    rows = Attendance.objects.filter(segment__booking=booking, status__in=MOVABLE).select_related("segment")
    segments = list({row.segment_id: row.segment for row in rows.order_by("segment__starts_at")}.values())
    day = clock.today(booking.site.zone)
    values: dict[str, Any] = {
        "from_day": day.isoformat(),
        "gap": GAP,
        "slot": "",
    }
    for prefix, segment in zip(("", "second_"), segments, strict=False):
        minutes = Range(segment.starts_at, segment.ends_at).minutes
        values |= {
            f"{prefix}clinician": str(segment.clinician_id), f"{prefix}service": segment.service,
            f"{prefix}minutes": minutes,
        }  # fmt: skip
    return values
