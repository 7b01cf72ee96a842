"""The drug picker: what was typed, what it may mean."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from clinic.web.pages import needs
from medications.catalogue import queries


@require_POST
@needs("medication.read")
def pick(request: HttpRequest) -> HttpResponse:
    """The drugs that the typed text may mean, as a list to choose from.

    `base` is the page that takes `?drug=`, `elsewhere` the one that records what the catalogue does not hold.
    """
    text = request.POST.get("text", "")[: queries.MOST_TYPED]
    drugs = queries.search(text)
    context = {
        "drugs": drugs,
        "full": len(drugs) == queries.MOST_FOUND,
        "text": text.strip(),
        "base": _page(request, "base"),
        "elsewhere": _page(request, "elsewhere"),
    }
    return render(request, "catalogue/pick.html", context)


def _page(request: HttpRequest, name: str) -> str:
    """A page of a patient's medicines that the form named; nowhere else is a link led."""
    address = request.POST.get(name, "")
    return address if address.startswith("/medicines/") else ""
