"""Home: everybody lands where their work is."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from clinic.web.navigation import destinations


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Go to the first of the person's destinations."""
    return redirect(destinations(request.user)[0].url)
