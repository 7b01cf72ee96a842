"""The questions at the desk's device: handed over by the desk, answered by the patient, signed in as nobody."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth import logout
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from clinic import clock
from clinic.refusal import Refused
from clinic.web.pages import me
from patients.measures import desk, queries, questions
from patients.measures.forms import CodeForm
from patients.measures.models import DeskSession
from patients.record.access import patient_view
from patients.record.models import Patient
from patients.scheduling.models import Attendance

HELD = "desk_session"  # session key on the device: the token
TRIES, ALL_TRIES, SECONDS = 10, 100, 600
TOO_MANY = "Too many codes were tried here. Wait ten minutes, or ask the desk to open the questions on its own device."
WRONG = "This code does not work. It lasts ten minutes and works once: ask the desk for a new one."

DeviceView = Callable[..., HttpResponse]


@require_http_methods(["GET", "POST"])
@patient_view("kiosk.start")
def hand_over(request: HttpRequest, patient: Patient) -> HttpResponse:
    """The desk chooses: on this device, which signs the desk out here, or by six digits typed on another one."""
    given = request.POST if request.method == "POST" else request.GET
    attendance = _attendance(patient, given.get("attendance", ""))
    where = request.POST.get("where", "")
    context: dict[str, Any] = {"patient": patient, "tab": "", "attendance": attendance}
    if where not in ("here", "other"):
        return render(request, "measures/hand_over.html", context)
    handed = desk.hand_over(patient, attendance=attendance, with_code=where == "other", by=me(request))
    if where == "here":
        return _open_on(request, handed.token)
    return render(request, "measures/code.html", {**context, "code": handed.code, "minutes": desk.CODE_MINUTES})


@require_http_methods(["GET", "POST"])
def here(request: HttpRequest) -> HttpResponse:
    """On the other device: type the six digits. Tries are counted by address and all together."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if _too_many(request):
            form.add_error("code", TOO_MANY)
        elif token := desk.take_code(form.cleaned_data["code"]):
            return _open_on(request, token)
        else:
            form.add_error("code", WRONG)
    context = {"form": form, "practice": queries.practice_name()}
    return render(request, "measures/here.html", context, status=422 if form.errors else 200)


def device(view: Callable[..., HttpResponse]) -> DeviceView:
    """A page of the device: nobody stays signed in on it; an unknown, lapsed or finished token gets a sentence."""

    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        token = request.session.get(HELD, "")
        found = queries.open_desk(desk.hash_of(token)) if token else None
        if found is None:
            return _over(request, "", desk.OVER, status=404)
        if request.user.is_authenticated:  # somebody signed in beside the questions: the device is the patient's
            _leave_only(request, token)
        if found.finished_at is None and found.expires_at <= clock.now():
            desk.finish(token)
            return _over(request, "", desk.OVER, status=410)
        if found.finished_at is not None:
            return _over(request, found.patient.first_called, "")
        return view(request, found, token, **kwargs)

    return guarded


@require_GET
@device
def begin(request: HttpRequest, found: DeskSession, token: str) -> HttpResponse:
    """The first page; reloading later resumes at the question after the last one."""
    if found.reached == 0:
        pages = questions.steps(found.instruments)
        return render(request, "measures/device/begin.html", _context(found, count=len(pages)))
    return _go_on(found, found.reached)


@require_http_methods(["GET", "POST"])
@device
def question(request: HttpRequest, found: DeskSession, token: str, number: int) -> HttpResponse:
    """One question a page; each answer is kept at once."""
    pages = questions.steps(found.instruments)
    if not 1 <= number <= len(pages):
        return _go_on(found, found.reached)
    problem = ""
    if request.method == "POST":
        try:
            value = _value(request)
            raised = desk.answer(token, number=number, value=value)
        except Refused as refused:
            problem = refused.sentence
        else:
            if raised:
                return redirect("measures:help", number=number)
            found.refresh_from_db()
            return _go_on(found, number)
    step = pages[number - 1]
    context = _context(
        found, step=step, number=number, count=len(pages), problem=problem, pages=pages,
        chosen=questions.answer_of(step, found.answers), back=questions.before(number, pages, found.answers),
    )  # fmt: skip
    return render(request, "measures/device/question.html", context, status=422 if problem else 200)


@require_GET
@device
def help_now(request: HttpRequest, found: DeskSession, token: str, number: int) -> HttpResponse:
    """Right after an answer about not wanting to live: 988 and 911 in calm words, before going on (R-MB-07)."""
    pages = questions.steps(found.instruments)
    step = pages[number - 1] if 1 <= number <= len(pages) else None
    if step is None or not step.raises(questions.answer_of(step, found.answers)):
        return _go_on(found, found.reached)
    context = _context(
        found, number=number, count=len(pages), onward=questions.after(number, pages, found.answers),
        team=queries.has_team(found.patient_id),
    )  # fmt: skip
    return render(request, "measures/device/help.html", context)


@require_http_methods(["GET", "POST"])
@device
def end(request: HttpRequest, found: DeskSession, token: str) -> HttpResponse:
    """The last page: finish, or go back to what was left out."""
    if request.method == "POST":
        desk.finish(token)
        return redirect("measures:desk")
    pages = questions.steps(found.instruments)
    left = questions.left_open(pages, found.answers)
    back = questions.before(found.reached + 1, pages, found.answers) or 1
    return render(request, "measures/device/end.html", _context(found, left=left, back=back))


def _open_on(request: HttpRequest, token: str) -> HttpResponse:
    _leave_only(request, token)
    return redirect("measures:desk")


def _leave_only(request: HttpRequest, token: str) -> None:
    """Sign out whoever is signed in; the new session holds the token and nothing else. No address holds it."""
    logout(request)
    request.session[HELD] = token


def _go_on(found: DeskSession, number: int) -> HttpResponse:
    onward = questions.after(number, questions.steps(found.instruments), found.answers)
    if onward is None:
        return redirect("measures:end")
    return redirect("measures:question", number=onward)


def _value(request: HttpRequest) -> int | None:
    """The chosen answer; None where the question is skipped. Nothing chosen is asked for again."""
    if "skip" in request.POST:
        return None
    text = request.POST.get("answer", "")
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        raise Refused("Choose one of the answers, or skip the question.")
    return int(text)


def _context(found: DeskSession, **more: Any) -> dict[str, Any]:
    return {"name": found.patient.first_called, "practice": queries.practice_name(), **more}


def _over(request: HttpRequest, name: str, sentence: str, status: int = 200) -> HttpResponse:
    context = {"name": name, "sentence": sentence, "practice": queries.practice_name()}
    return render(request, "measures/device/over.html", context, status=status)


def _attendance(patient: Patient, text: str) -> Attendance | None:
    if not text:
        return None
    try:
        pk = UUID(text)
    except ValueError:
        pk = UUID(int=0)
    return get_object_or_404(Attendance.objects.select_related("segment"), pk=pk, patient=patient)


def _too_many(request: HttpRequest) -> bool:
    """Count this try; whether there were too many from this address, or from everywhere."""
    address = hashlib.sha256(str(request.META.get("REMOTE_ADDR", "")).encode()).hexdigest()[:24]
    return _count(f"desk-code:{address}") > TRIES or _count("desk-code:all") > ALL_TRIES


def _count(key: str) -> int:
    cache.add(key, 0, SECONDS)
    try:
        return cache.incr(key)
    except ValueError:  # it lapsed between the two
        return 1
