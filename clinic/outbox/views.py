"""The jobs page, the demo's mailbox, and the door through which the text gateway hands us what patients answer."""

import hmac
import json
from typing import Any
from uuid import UUID, uuid4

import phonenumbers
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from clinic.outbox import actions, queries, schedule
from clinic.outbox.calc import storable
from clinic.outbox.forms import AnswerForm, InboundForm
from clinic.outbox.models import LocalDelivery, OutboxItem
from clinic.ports import load
from clinic.web.pages import me, needs

MOST_BYTES = 64_000


def _words() -> dict[str, str]:
    """What each kind of item is called; a kind without a handler shows its code."""
    return {handler.kind: getattr(handler, "words", handler.kind) for handler in load("OUTBOX_HANDLERS")}


@needs("jobs.read")
@require_GET
def jobs(request: HttpRequest) -> HttpResponse:
    """Each job's last and next run, what waits, what failed. Three queries."""
    words = _words()
    waiting = [{**row, "words": words.get(row["kind"], row["kind"])} for row in queries.waiting()]
    failed = [
        {"item": item, "words": words.get(item.kind, item.kind), "elsewhere": actions.elsewhere(item.kind)}
        for item in queries.failed()
    ]
    lines = schedule.lines(queries.last_runs())
    return render(request, "outbox/jobs.html", {"lines": lines, "waiting": waiting, "failed": failed})


@needs("jobs.read")
@require_POST
def try_again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make one failed item due again."""
    item = get_object_or_404(OutboxItem, pk=pk)
    actions.try_again(item, by=me(request))
    messages.info(request, "It is tried again now; reload the page to see how it went.")
    return redirect("outbox:jobs")


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@needs("mailbox.read")
def mailbox(request: HttpRequest, form: AnswerForm | None = None, pk: UUID | None = None) -> HttpResponse:
    """What each patient would have received, one telephone at a time. Three queries, one more for a chosen one."""
    boxes = queries.mailboxes()
    shown = boxes[0] if boxes else None
    if chosen := pk or _id(request.GET.get("message", "")):
        message = LocalDelivery.objects.filter(pk=chosen).first()
        wanted = (message.patient_id, message.to, message.channel) if message else None
        shown = next((box for box in boxes if (box.patient_id, box.to, box.channel) == wanted), shown)
    (names,) = load("PATIENT_NAMES")
    named = names.named(box.patient_id for box in boxes if box.patient_id)
    context = {
        "boxes": [{"box": box, "patient": named.get(box.patient_id), "open": box == shown} for box in boxes],
        "shown": shown, "messages_in": queries.messages(shown) if shown else [], "form": form or AnswerForm(),
    }  # fmt: skip
    return render(request, "outbox/mailbox.html", context, status=422 if form else 200)


@needs("mailbox.read")
@require_POST
def answer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Play the patient's answer to a text, as the gateway would hand it to us."""
    message = get_object_or_404(LocalDelivery, pk=pk, channel="text")
    form = AnswerForm(request.POST)
    if form.is_valid():
        actions.receive(gateway_id=f"demo-{uuid4()}", from_number=message.to, body=form.cleaned_data["body"])
        messages.info(request, "The answer has come in: STOP is honored at once, anything else goes to the front desk.")
        return redirect(f"{reverse('outbox:mailbox')}?message={pk}")
    return mailbox(request, form, pk)


@csrf_exempt
@require_POST
def inbound(request: HttpRequest) -> JsonResponse:
    """A text from a patient, from the gateway: JSON with `id`, `from`, `body`, and our token as bearer (R-RE-03).

    200: kept (a repetition too). 400, 422: not readable, do not repeat. Without the token there is no such page.
    """
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.TEXT_INBOUND_TOKEN or not hmac.compare_digest(token.encode(), settings.TEXT_INBOUND_TOKEN.encode()):
        raise Http404
    try:
        sent: Any = json.loads(request.body[:MOST_BYTES])
    except (ValueError, RecursionError):
        return JsonResponse({"problem": "Send a JSON object with id, from and body."}, status=400)
    facts = sent if isinstance(sent, dict) else {}
    texts = {key: storable(value, 10_000) for key, value in facts.items() if isinstance(value, str)}
    form = InboundForm({"id": texts.get("id"), "sender": texts.get("from"), "body": texts.get("body")})
    if not form.is_valid():
        return JsonResponse({"problem": f"Wrong or missing: {', '.join(sorted(form.errors))}."}, status=422)
    actions.receive(
        gateway_id=form.cleaned_data["id"], from_number=_e164(form.cleaned_data["sender"]),
        body=form.cleaned_data["body"],
    )  # fmt: skip
    return JsonResponse({"kept": True})


def _e164(number: str) -> str:
    """The number as we store numbers; one that is none stays as it is."""
    try:
        parsed = phonenumbers.parse(number, settings.PHONENUMBER_DEFAULT_REGION)
    except phonenumbers.NumberParseException:
        return number
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
