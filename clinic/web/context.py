"""What every page's template knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from clinic import permissions
from clinic.web.navigation import destinations, here, parted

THEMES = ("light", "dark")


def theme_of(request: HttpRequest) -> str:
    """The theme that the cookie asks for; empty: as the machine."""
    chosen = request.COOKIES.get("theme", "")
    return chosen if chosen in THEMES else ""


def page(request: HttpRequest) -> dict[str, Any]:
    """The top bar's destinations and who is signed in. Fragments ask for none of it."""
    known: dict[str, Any] = {"me": None, "destinations": [], "further": [], "demo": not settings.PRODUCTION}
    known |= {"theme": theme_of(request), "idle_minutes": settings.IDLE_MINUTES}
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return known
    if getattr(request, "htmx", False):
        return known | {"me": user}
    roles = user.held_roles()
    finds = permissions.may(roles, "patient.find")
    places = destinations(user, counted=True)
    bar, further = parted(places)
    return known | {
        "me": user,
        "my_roles": ", ".join(sorted(role.label for role in roles)),
        "destinations": bar,
        "further": further,
        "nav_here": here(request, places),
        "palette_url": _palette() if finds else "",
        "finder_label": "Find a patient or an action" if finds else "Find a page or an action",
    }


def _palette() -> str:
    try:
        return reverse("record:palette")
    except NoReverseMatch:
        return ""
