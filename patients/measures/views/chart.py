"""The Measures tab: scores over time, one score, recording with the patient, acknowledging, entered in error."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic import clock
from clinic.practice import config
from clinic.web.pages import attempt, me
from patients.measures import actions, calc, courses, instruments, queries
from patients.measures.enums import Channel, Method
from patients.measures.forms import RecordForm, RetractForm
from patients.measures.models import Score
from patients.record.access import may, patient_view
from patients.record.models import Patient
from patients.risk.queries import flag_of
from patients.risk.rules import licensed

TAB = "measures"


def recordable() -> list[instruments.Instrument]:
    """The questionnaires whose items may be answered here and have a total."""
    return [found for found in instruments.on_screen() if found.method is not Method.TRIAGE]


@require_GET
@patient_view("chart.read")
def measures(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Every questionnaire's totals, their change since the first, and what they say. A fixed number of queries."""
    today = clock.today(patient.zone)
    started = queries.last_start(patient.pk)
    context = {
        "patient": patient,
        "tab": TAB,
        "courses": courses.courses(
            queries.everything(patient.pk),
            zone=patient.zone,
            started_on=started.astimezone(patient.zone).date() if started else None,
            reliable=courses.reliable_sizes(config.values(today)),
        ),
        "may_record": may(me(request), "measures.record", patient.pk),
        "may_hand_over": may(me(request), "kiosk.start", patient.pk),
        "instruments": recordable(),
    }
    return render(request, "measures/measures.html", context)


@require_http_methods(["GET", "POST"])
@patient_view("measures.record")
def record(request: HttpRequest, patient: Patient, instrument: str) -> HttpResponse:
    """The clinician enters what the patient answers."""
    known = next((found for found in recordable() if found.key == instrument), None)
    if known is None:
        raise Http404
    data = request.POST if request.method == "POST" else None
    form = RecordForm(data, instrument=known, patient=patient)
    if request.method == "POST" and form.is_valid():
        score = attempt(
            request, form, actions.record, patient=patient, instrument=known.key, answers=form.answers(),
            answered_at=form.answered_at(), channel=Channel.CLINICIAN, by=me(request),
            score_id=form.cleaned_data["key"],
        )  # fmt: skip
        if score is not None:
            return redirect("measures:score", patient_id=patient.pk, pk=score.pk)
    context = {"patient": patient, "tab": TAB, "form": form, "instrument": known}
    return render(request, "measures/record.html", context, status=422 if form.errors else 200)


@require_GET
@patient_view("chart.read")
def score(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """One score, answer by answer."""
    return _page(request, patient, _score(patient, pk), RetractForm())


@require_POST
@patient_view("risk.resolve")
def acknowledge(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """A licensed clinician has seen the answers that raised an alert."""
    actions.acknowledge(_score(patient, pk), by=me(request))
    return redirect("measures:score", patient_id=patient.pk, pk=pk)


@require_POST
@patient_view("measures.record")
def retract(request: HttpRequest, patient: Patient, pk: UUID) -> HttpResponse:
    """Mark a score as entered in error; an open flag of it is shown next, to be closed by name."""
    shown, form = _score(patient, pk), RetractForm(request.POST)
    if not (
        form.is_valid() and attempt(request, form, actions.retract, score=shown, by=me(request), **form.cleaned_data)
    ):
        return _page(request, patient, shown, form, status=422)
    flag = flag_of(shown.pk)
    if flag is not None and flag.closed_at is None:
        messages.info(request, "The score is struck through. It raised this flag, which stays open until you close it.")
        return redirect("risk:flag", patient_id=patient.pk, pk=flag.pk)
    return redirect("measures:measures", patient_id=patient.pk)


def _score(patient: Patient, pk: UUID) -> Score:
    people = Score.objects.select_related("recorded_by", "acknowledged_by", "retracted_by")
    return get_object_or_404(people, pk=pk, patient=patient)


def _page(request: HttpRequest, patient: Patient, shown: Score, form: RetractForm, status: int = 200) -> HttpResponse:
    instrument = instruments.get(shown.instrument)
    waits = bool(shown.alerts) and shown.acknowledged_at is None and not shown.in_error
    answers = list(zip(instrument.items, shown.answers, strict=True)) if instrument.items else []
    lines = [
        (item, value, next((c.label for c in item.choices if c.value == value), ""), item.n in shown.alerts)
        for item, value in answers
    ]
    context = {
        "patient": patient,
        "tab": TAB,
        "score": shown,
        "instrument": instrument,
        "lines": lines,
        "missing": calc.score(instrument, shown.answers).missing if shown.answers else (),
        "waits": waits,
        "flag": flag_of(shown.pk),
        "refusal": licensed(me(request)) if waits else None,
        "may_resolve": may(me(request), "risk.resolve", patient.pk),
        "may_retract": not shown.in_error and may(me(request), "measures.record", patient.pk),
        "form": form,
    }
    return render(request, "measures/score.html", context, status=status)
