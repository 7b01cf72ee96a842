"""What every view uses: the right to a page, and turning a refusal into a form's error."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_required
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse

from clinic import permissions
from clinic.audit import actions as audit
from clinic.refusal import Refused

if TYPE_CHECKING:
    from clinic.staff.models import User

P = ParamSpec("P")


def me(request: HttpRequest) -> "User":
    """The person who is signed in; only behind a guard that lets nobody else through."""
    return cast("User", request.user)


def needs(
    capability: str,
) -> Callable[[Callable[Concatenate[HttpRequest, P], HttpResponse]], Callable[..., HttpResponse]]:
    """The page is for people who have `capability` for the whole practice; anybody else meets 404.

    For pages about one patient use `patients.record.access.patient_view`.
    """
    if capability not in permissions.CAPABILITIES:
        raise KeyError(capability)

    def wrap(view: Callable[Concatenate[HttpRequest, P], HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        @login_required
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not permissions.may(me(request).held_roles(), capability):
                raise Http404
            return view(request, *args, **kwargs)

        guarded.capability = capability  # type: ignore[attr-defined]
        return guarded

    return wrap


def attempt(request: HttpRequest, form: BaseForm, action: Callable[..., Any], /, **kwargs: Any) -> Any:
    """Call `action(**kwargs)`; a refusal becomes the form's error (audited) and None comes back.

    The caller then renders the form again with status 422; every word stays.
    """
    try:
        return action(**kwargs)
    except Refused as refused:
        field = refused.field if refused.field in form.fields else None
        form.add_error(field, refused.sentence)
        note_refusal(request, refused, getattr(kwargs.get("patient"), "pk", None))
        return None


def note_refusal(request: HttpRequest, refused: Refused, patient_id: Any = None) -> None:
    """Record a refusal that a page shows (its own transaction: the refused one was rolled back)."""
    match = request.resolver_match
    audit.refusal(
        by=request.user if request.user.is_authenticated else None,
        patient_id=patient_id or (match.kwargs.get("patient_id") if match else None),
        what=(match.view_name if match else "")[:80],
        why=refused.sentence,
    )
