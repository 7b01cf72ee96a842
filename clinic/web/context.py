"""What every page's template knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from clinic.web.navigation import destinations


def page(request: HttpRequest) -> dict[str, Any]:
    """The top bar's destinations and who is signed in. Fragments ask for none of it."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"me": None, "destinations": [], "demo": not settings.PRODUCTION}
    fragment = getattr(request, "htmx", False)
    return {
        "me": user,
        "destinations": [] if fragment else destinations(user, counted=True),
        "demo": not settings.PRODUCTION,
        "idle_minutes": settings.IDLE_MINUTES,
    }
