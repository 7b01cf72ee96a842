"""The inbox: one line and one action a task."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET, require_POST

from clinic import permissions
from clinic.ports import TaskKind
from clinic.web.pages import me, needs
from patients.inbox import actions, queries
from patients.inbox.models import Task

MARKS = {"therapy": "t", "med": "m", "pair": "tm", "patient": "p", "risk": "r"}


@dataclass(frozen=True)
class Line:
    """A task as the page shows it."""

    task: Task
    title: str
    action: str
    url: str
    mark: str
    by_hand: bool


@require_GET
@needs("home")
def tasks(request: HttpRequest) -> HttpResponse:
    """What waits for the person and their roles, urgent first; and what was done. A fixed number of queries."""
    waiting = [_line(task) for task in queries.mine(me(request))[: queries.MOST + 1]]
    shown = waiting[: queries.MOST]
    context = {
        "urgent": [line for line in shown if line.task.urgent],
        "others": [line for line in shown if not line.task.urgent],
        "more": len(waiting) > queries.MOST,
        "most": queries.MOST,
        "done": [_line(task) for task in queries.done(me(request))],
        "done_days": queries.DONE_DAYS,
        "may_resolve": permissions.may(me(request).held_roles(), "risk.resolve"),
    }
    return render(request, "inbox/tasks.html", context)


@require_POST
@needs("home")
def tick_off(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Tick a task off for everybody who has it; only one's own or one's role's."""
    task = get_object_or_404(queries.mine(me(request)), pk=pk)
    actions.tick_off(task, by=me(request))
    messages.info(request, "Done, for everybody who had it.")
    return redirect("inbox:tasks")


def _line(task: Task) -> Line:
    kind = queries.kinds().get(task.kind)
    if kind is None:
        return Line(task, "", "Done", "", MARKS["patient"], True)
    return Line(task, kind.title, kind.action, _address(kind, task), MARKS.get(kind.mark, "p"), kind.by_hand)


def _address(kind: TaskKind, task: Task) -> str:
    """The page of the kind's action, by what it takes: the patient and the row, the patient, the row, or nothing."""
    pairs = {"patient_id": task.patient_id, "pk": task.object_id}
    for names in (("patient_id", "pk"), ("patient_id",), ("pk",), ()):
        if kind.url_name and all(pairs[name] for name in names):
            try:
                return reverse(kind.url_name, kwargs={name: pairs[name] for name in names})
            except NoReverseMatch:
                continue
    return ""
