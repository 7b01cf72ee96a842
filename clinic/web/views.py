"""Home, the person's own settings, the theme, the idle clock."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from clinic import clock
from clinic.web.context import THEMES
from clinic.web.gallery import SWATCHES, GalleryForm
from clinic.web.middleware import SEEN
from clinic.web.navigation import destinations
from clinic.web.pages import me, needs

YEAR = 365 * 24 * 60 * 60


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Go to the first of the person's destinations; who has no role yet is told so."""
    places = destinations(request.user)
    return redirect(places[0].url) if places else render(request, "web/no_role.html")


@needs("home")
def my_settings(request: HttpRequest) -> HttpResponse:
    """What a person sets for themselves: single-letter keys; links to password and second factor."""
    if request.method == "POST":
        from clinic.staff.actions import choose_keys

        choose_keys(me(request), single_keys=request.POST.get("single_keys") == "on", by=me(request))
        messages.info(request, "Kept.")
        return redirect("my_settings")
    return render(request, "web/settings.html")


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the choice of light or dark in a cookie; anything else follows the machine."""
    back = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    response = HttpResponseRedirect(back if ours and back.startswith(("/", "http")) else "/")
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie(
            "theme", chosen, max_age=YEAR, samesite="Lax", httponly=True, secure=settings.SESSION_COOKIE_SECURE
        )
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response


@login_required
def idle(request: HttpRequest) -> HttpResponse:
    """Seconds until the session ends (R-HS-03). A POST is a person's doing and renews it, see the middleware.

    With who is signed in and a fresh token, so that a page that was open across a sign-in can still be sent.
    """
    seen = request.session.get(SEEN, int(clock.now().timestamp()))
    left = settings.IDLE_MINUTES * 60 - (int(clock.now().timestamp()) - seen)
    return JsonResponse({"left": max(left, 0), "me": str(me(request).pk), "token": get_token(request)})


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Nothing here is for a search engine."""
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Where browsers look on their own."""
    return redirect(static("img/mark.svg"), permanent=True)


@needs("home")
def gallery(request: HttpRequest) -> HttpResponse:
    """Every component in every state, for those who build and test; not in production."""
    form = GalleryForm({"symptom": "Waking at four", "dose": "250", "when": ["3"], "shaking": "some", "day": ""})
    return render(request, "web/gallery.html", {"form": form, "swatches": SWATCHES})
