"""The drug picker: what was typed, what it may mean."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from clinic.web.pages import needs
from medications.catalogue import queries


@require_POST
@needs("medication.read")
def pick(request: HttpRequest) -> HttpResponse:
    """The drugs that the typed text may mean, as a list to choose from. `base` is the page that takes `?drug=`."""
    text = request.POST.get("text", "")[: queries.MOST_TYPED]
    base = request.POST.get("base", "")
    context = {
        "drugs": queries.search(text),
        "text": text.strip(),
        "base": base if base.startswith("/medicines/") else "",
    }
    return render(request, "catalogue/pick.html", context)
