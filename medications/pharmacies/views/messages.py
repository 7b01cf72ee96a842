"""What pharmacies sent and nobody could match: cleared by telephone. No page here names a patient or a medicine."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from clinic.web.pages import me, needs
from medications.pharmacies import actions, backends, queries
from medications.pharmacies.models import InboundMessage


@require_GET
@needs("pharmacy.messages")
def to_clear(request: HttpRequest) -> HttpResponse:
    """What waits, the oldest first, and what was cleared lately. Two queries."""
    context = {
        "rows": queries.to_clear(), "cleared": queries.cleared_before(), "words": backends.current().inbound_words
    }  # fmt: skip
    return render(request, "pharmacies/messages.html", context)


@require_POST
@needs("pharmacy.messages")
def cleared(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The pharmacy was called."""
    row = get_object_or_404(InboundMessage, pk=pk)
    actions.cleared(row, words=request.POST.get("reason", ""), by=me(request))
    messages.success(request, "Noted: cleared with the pharmacy.")
    return redirect("pharmacies:messages")
