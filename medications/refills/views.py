"""Pages of the refill desk, and the front desk's “asks for a refill call”."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.web.pages import attempt, me, needs
from medications.pharmacies import queries as transmissions
from medications.pharmacies import ways
from medications.pharmacies.rules import no_npi
from medications.prescribing.actions import Supply
from medications.prescribing.models import Prescription
from medications.prescribing.panels import TAB_KEY
from medications.prescribing.queries import practice_today
from medications.refills import actions, pages, queries, rules
from medications.refills.forms import CallForm, DecideForm, PharmacyAskForm
from medications.refills.models import RefillCall, RefillRequest
from medications.refills.pages import Line
from medications.refills.panels import TAB
from patients.record import access
from patients.record.access import patient_view
from patients.record.models import Patient

if TYPE_CHECKING:
    from clinic.staff.models import User

SAID = {
    "approved": "Signed. It leaves in ten seconds; then the patient gets a neutral message.",
    "bridged": "Bridged. It leaves in ten seconds; then the patient gets a neutral message.",
    "requested": "The front desk is asked to book a visit. The request stays here.",
    "declined": "Declined. The patient is asked, in neutral words, to call.",
}
ANSWERED = " The pharmacy’s message is answered when it leaves."
MOST_DECIDED = 100


@require_GET
@needs("refill.decide")
def desk(request: HttpRequest) -> HttpResponse:
    """What waits, the first to run out open. A fixed number of queries, whatever waits."""
    waiting = pages.lines(me(request), practice_today())
    return _page(request, waiting, chosen=waiting[0] if waiting else None)


@require_GET
@needs("refill.decide")
def decided(request: HttpRequest) -> HttpResponse:
    """What was decided or withdrawn, newest first."""
    rows = list(queries.decided(me(request))[:MOST_DECIDED])
    found = transmissions.of_authorisations([row.authorisation_id for row in rows if row.authorisation_id])
    told = [(row, ways.of(found[row.authorisation_id]) if row.authorisation_id in found else None) for row in rows]
    return render(request, "refills/decided.html", {"rows": told, "most": MOST_DECIDED})


def on_their_way(viewer: "User") -> dict[str, Any]:
    """What the viewer just signed, with its undo; what came back; what a pharmacy still has to be told."""
    failed, untold = transmissions.failed_for(viewer), transmissions.untold(viewer)
    leaving = [ways.of(row, may=True) for row in transmissions.leaving(viewer)]
    note = next((way.note for way in leaving if way.printable and way.note), "")
    return {
        "leaving": leaving, "leaving_note": note, "failed": [ways.of(row, may=True) for row in failed],
        "untold": untold, "untold_count": len(untold),
    }  # fmt: skip


@require_http_methods(["GET", "POST"])
@patient_view("refill.decide")
def decide(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """One request open at the desk; POST decides it and goes on to the next."""
    row, today = _row(patient, pk), practice_today()
    waiting = pages.lines(me(request), today)
    line = next((one for one in waiting if one.request.pk == pk), None) or _line(row, today)
    if request.method == "GET":
        return _page(request, waiting, chosen=line, over=None if line else row)
    if line is None:
        form = DecideForm(request.POST, answers=row.gates)
        return _page(request, waiting, over=row, form=form, status=409)
    form = DecideForm(request.POST, answers=line.now.gates(_typed_days(request)), bridged=pages.bridged(line))
    if form.is_valid() and _done(request, form, row):
        messages.info(request, _said(_row(patient, pk)))
        after = pages.next_after(waiting, pk)
        return redirect("refills:decide", after.patient_id, after.pk) if after else redirect("refills:desk")
    fresh = _row(patient, pk)
    if _line(fresh, today) is None:  # decided or gone meanwhile
        left = [one for one in waiting if one.request.pk != pk]
        return _page(request, left, over=fresh, form=form, status=409)
    return _page(request, waiting, chosen=line, form=form, status=422)


def _said(row: RefillRequest) -> str:
    """What happens next; a pharmacy that asked and gets nothing has to be told by a person."""
    asks = list(row.pharmacy_asks.select_related("pharmacy"))
    by_hand = [one.pharmacy for one in asks if one.via == "person"] if row.state == "declined" else []
    to_tell = " and ".join(f"{one.name}, {one.phone.as_national}" for one in by_hand)
    told = f" Tell who asked: {to_tell}." if to_tell else ""
    by_itself = row.state != "requested" and any(one.via == "network" for one in asks)
    return f"{SAID[row.state]}{told}{ANSWERED if by_itself else ''}"


def _row(patient: Patient, pk: UUID) -> RefillRequest:
    rows = RefillRequest.objects.select_related("prescription__drug", "patient", "decided_by")
    return get_object_or_404(rows, pk=pk, patient=patient)


def _line(row: RefillRequest, today: date) -> Line | None:
    return pages.line_of(row, queries.by_prescription([row], today).get(row.prescription_id))


def _typed_days(request: HttpRequest) -> int | None:
    """For how many days the gates answer: those that were typed, if they are a number that may be."""
    text = request.POST.get("bridge_days" if request.POST.get("do") == "bridge" else "days", "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else None


def _page(
    request: HttpRequest,
    waiting: list[Line],
    *,
    chosen: Line | None = None,
    over: RefillRequest | None = None,
    form: DecideForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The whole desk; `over`: a request that cannot be decided any more stands in the place of the open one."""
    viewer = me(request)
    context: dict[str, Any] = {
        "rows": waiting, "chosen": chosen, "over": over, "form": form, "calls": queries.calls(viewer),
        "lacking": no_npi(viewer),
        "nav_here": "refills:desk", "here": request.path, **on_their_way(viewer),
        "clear": sum(1 for one in waiting if not (one.refused or one.against or one.early)),
        "in_order": len(pages.in_order(waiting)),
    }  # fmt: skip
    if chosen is not None:
        access.read(viewer, chosen.request.patient_id)
        if form is None:
            form = DecideForm(answers=chosen.answers, bridged=pages.bridged(chosen), initial=pages.initial(chosen))
        asked = {gate["gate"]: form[f"reason:{gate['gate']}"] for gate in form.asking}
        context |= {"form": form, "asks": [(gate, asked[gate["gate"]]) for gate in form.asking]}
        context |= {"again": form["reason:bridge"] if form.bridged else None}
        context |= pages.detail(chosen, viewer, waiting)
    elif over is not None:
        context |= {"sentence": rules.open_request(over) or rules.NOT_DUE, "typed": form.words() if form else []}
    return render(request, "refills/desk.html", context, status=status)


def _done(request: HttpRequest, form: DecideForm, row: RefillRequest) -> bool:
    by, data = me(request), form.cleaned_data
    match data["do"]:
        case "decline":
            more = {"reason": data["reason"], "told_patient": data["told_patient"]}
            return bool(attempt(request, form, actions.decline, request=row, by=by, **more))
        case "bridge":
            more = {"days": data["bridge_days"], "reasons": form.reasons()}
            return bool(attempt(request, form, actions.bridge, request=row, by=by, **more))
        case "visit":
            return bool(attempt(request, form, actions.ask_for_visit, request=row, by=by))
        case way:
            action = actions.anew if way == "anew" else actions.approve
            supply, reasons = form.supply(), form.reasons()
            return bool(attempt(request, form, action, request=row, supply=supply, reasons=reasons, by=by))


@require_http_methods(["GET", "POST"])
@patient_view("refill.ask")
def ask(request: HttpRequest, patient: Patient) -> HttpResponse:
    """The front desk notes that the patient asks for a refill call; no medicine is shown or named (R-HP-08)."""
    form = CallForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and attempt(
        request, form, actions.ask_for_call, patient=patient, words=form.cleaned_data["words"], by=me(request)
    ):
        messages.info(request, "The prescriber is asked to call.")
        return redirect("record:desk", patient_id=patient.pk)
    context = {"patient": patient, "tab": TAB.key, "form": form}
    return render(request, "refills/ask.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@patient_view("medication.report")
def pharmacy_asks(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Somebody of the care team notes that a pharmacy asks for a refill of this medicine."""
    rows = Prescription.objects.select_related("drug").filter(origin="ours", retracted_at=None, stopped_on=None)
    row = get_object_or_404(rows, pk=pk, patient=patient)
    preferred = transmissions.preferred(patient.pk)
    first = {"asked_on": practice_today(), "pharmacy": preferred.pharmacy_id if preferred else None}
    data = request.POST if request.method == "POST" else None
    form = PharmacyAskForm(data, initial=first, pharmacies=transmissions.pharmacies().order_by("name", "city"))
    if form.is_valid() and attempt(
        request, form, actions.pharmacy_asks, prescription=row, by=me(request), **form.cleaned_data
    ):
        messages.success(request, "It waits at the refill desk.")
        return redirect("prescribing:medication", patient_id=patient.pk)
    context = {"patient": patient, "tab": TAB_KEY, "form": form, "row": row}
    return render(request, "refills/pharmacy_asks.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@patient_view("refill.decide")
def call(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """A patient who asks to be called; POST says that it was done."""
    row = get_object_or_404(RefillCall.objects.select_related("taken_by", "done_by"), pk=pk, patient=patient)
    if request.method == "POST":
        actions.call_done(row, by=me(request))
        messages.info(request, "Noted: the patient was called.")
        return redirect("refills:desk")
    return render(request, "refills/call.html", {"patient": patient, "tab": "", "call": row})


@require_http_methods(["GET", "POST"])
@needs("refill.decide")
def in_order(request: HttpRequest) -> HttpResponse:
    """What may be signed together: every gate of each in order. POST signs those marked, as they were shown."""
    if request.method == "POST":
        signed, left = actions.approve_each(_shown(request), by=me(request))
        if signed:
            messages.success(request, f"{_counted(len(signed))} signed. They leave in ten seconds.")
        for one, sentence in left:
            messages.warning(request, f"{one.patient.called}: {sentence}")
        if not signed and not left:
            messages.warning(request, "Nothing was marked, so nothing was signed.")
        return redirect("refills:desk")
    rows = pages.in_order(pages.lines(me(request), practice_today()))
    return render(
        request, "refills/in_order.html", {"rows": rows, "nav_here": "refills:desk", "lacking": no_npi(me(request))}
    )


def _shown(request: HttpRequest) -> list[tuple[RefillRequest, Supply]]:
    """The requests that are marked, each with the supply that stood beside it; others than one's own are left out."""
    found = []
    for row in queries.desk(me(request)).filter(pk__in=_keys(request.POST.getlist("sign"))):
        quantity, days, refills = (*request.POST.get(f"as:{row.pk}", "").split("/"), "", "", "")[:3]
        try:
            found.append((row, Supply(Decimal(quantity), int(days), int(refills))))
        except (InvalidOperation, ValueError):
            continue
    return found


def _keys(texts: list[str]) -> list[UUID]:
    """What of these is a key."""
    found = []
    for text in texts[: pages.SHOWN]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _counted(number: int) -> str:
    return "One refill is" if number == 1 else f"{number} refills are"


@require_POST
@needs("refill.decide")
def renew(request: HttpRequest) -> HttpResponse:
    """Run the nightly job now: open what is due, renew every gate's answer. It approves nothing."""
    counts = actions.open_due(by=me(request))
    messages.info(request, f"Looked anew: {counts['opened']} opened, {counts['withdrawn']} withdrawn.")
    return redirect("refills:desk")
