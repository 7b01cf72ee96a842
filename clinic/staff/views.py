"""Pages of the practice manager: people, their roles, licences and hours; absences and on-call."""

from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from clinic import clock
from clinic.staff import actions, queries
from clinic.staff.enums import Role
from clinic.staff.forms import (
    AbsenceForm,
    EndHoursForm,
    HoursForm,
    InviteForm,
    LicenceForm,
    OnCallForm,
    PersonForm,
    RenewForm,
    RoleForm,
)
from clinic.staff.models import Absence, Invitation, Licence, OnCall, User, WorkingHours
from clinic.web.forms import TandemForm
from clinic.web.pages import attempt, me, needs

MANAGE = "staff.manage"
SOON_DAYS = 60  # a licence that ends within so many days is marked


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _page(request: HttpRequest, title: str, form: TandemForm, back: str, button: str = "Save") -> HttpResponse:
    """One form on a page of its own; 422 if it was sent and came back."""
    context = {"title": title, "form": form, "back": back, "button": button}
    return render(request, "staff/form.html", context, status=422 if form.is_bound else 200)


def _zone(user: User) -> ZoneInfo:
    return user.site.zone if user.site else ZoneInfo("America/Los_Angeles")


def _person(pk: UUID) -> User:
    found = queries.people().filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _address(user: User) -> str:
    return reverse("staff:person", args=[user.pk])


@needs(MANAGE)
def people(request: HttpRequest) -> HttpResponse:
    """Everybody, with roles and when their licence ends. Four queries."""
    today = clock.today("America/Los_Angeles")
    rows = []
    for user in queries.people():
        ends = max((licence.expires_on for licence in user.licences.all()), default=None)
        rows.append({"user": user, "roles": sorted(Role(r).label for r in user.held_roles()), "licence_ends": ends,
                     "soon": ends is not None and (ends - today).days < SOON_DAYS})  # fmt: skip
    return render(request, "staff/people.html", {"rows": rows})


def _invited(
    request: HttpRequest, invitation: Invitation, token: str, roles: Collection[Role] = frozenset()
) -> HttpResponse:
    """The link, shown once: it is kept nowhere. And which of the `roles` asked for wait for a licence."""
    link = request.build_absolute_uri(reverse("welcome", args=[token]))
    held = invitation.user.held_roles()
    context = {"person": invitation.user, "link": link, "invitation": invitation}
    waiting = [role.label for role in roles if role not in held]
    return render(request, "staff/invited.html", context | {"waiting": " and ".join(waiting)})


@needs(MANAGE)
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody new, then show the link to hand over."""
    form = InviteForm(_posted(request))
    if form.is_valid():
        data = dict(form.cleaned_data)
        data["roles"] = [Role(role) for role in data["roles"]]
        if made := attempt(request, form, actions.invite, by=me(request), **data):
            invitation, token = made
            return _invited(request, invitation, token, data["roles"])
    return _page(request, "Invite somebody", form, reverse("staff:people"), "Make the invitation")


@require_POST
@needs(MANAGE)
def invite_again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A new link for somebody who lost theirs or forgot the password."""
    return _invited(request, *actions.invite_again(_person(pk), by=me(request)))


@needs(MANAGE)
def person(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One person: roles, licences, hours, absences."""
    user = _person(pk)
    today = clock.today(_zone(user))
    hours = [h for h in user.working_hours.select_related("site") if h.until_day is None or h.until_day >= today]
    absences = user.absences.filter(ends_at__gt=clock.now()).select_related("covered_by")
    context = {"person": user, "hours": hours, "absences": absences, "role_form": RoleForm(), "today": today}
    return render(request, "staff/person.html", context)


@needs(MANAGE)
def change(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a person's name, contacts, place or supervisor."""
    user = _person(pk)
    form = PersonForm(_posted(request), initial=PersonForm.of(user))
    if form.is_valid() and attempt(
        request, form, actions.change_person, user=user, by=me(request), **form.cleaned_data
    ):
        return redirect(_address(user))
    return _page(request, user.name, form, _address(user))


@require_POST
@needs(MANAGE)
def give_role(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a role."""
    user = _person(pk)
    form = RoleForm(request.POST)
    if form.is_valid() and attempt(
        request, form, actions.give_role, user=user, role=Role(form.cleaned_data["role"]), by=me(request)
    ):
        messages.info(request, f"{user.name} holds the role {Role(form.cleaned_data['role']).label} now.")
        return redirect(_address(user))
    return _page(request, f"A role for {user.name}", form, _address(user))


@require_POST
@needs(MANAGE)
def take_role(request: HttpRequest, pk: UUID, role: str) -> HttpResponse:
    """Take a role back."""
    if role not in Role.values:
        raise Http404
    user = _person(pk)
    actions.take_role(user, Role(role), by=me(request))
    messages.info(request, f"{user.name} no longer holds the role {Role(role).label}.")
    return redirect(_address(user))


@require_POST
@needs(MANAGE)
def access(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End a person's access, or let them in again."""
    user = _person(pk)
    act: Callable[..., User] = actions.deactivate if user.is_active else actions.reactivate
    person = act(user, by=me(request))
    messages.info(request, f"{user.name} can {'sign in again' if person.is_active else 'no longer sign in'}.")
    return redirect(_address(user))


@needs(MANAGE)
def licence(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Enter a licence."""
    user = _person(pk)
    form = LicenceForm(_posted(request))
    if form.is_valid() and attempt(request, form, actions.add_licence, user=user, by=me(request), **form.cleaned_data):
        return redirect(_address(user))
    return _page(request, f"A licence of {user.name}", form, _address(user))


@needs(MANAGE)
def renew(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Renew a licence."""
    found = get_object_or_404(Licence.objects.select_related("user"), pk=pk)
    form = RenewForm(_posted(request), initial={"expires_on": found.expires_on})
    if form.is_valid() and attempt(
        request, form, actions.renew_licence, licence=found, by=me(request), **form.cleaned_data
    ):
        return redirect(_address(found.user))
    return _page(request, f"{found.profession} {found.state} of {found.user.name}", form, _address(found.user))


@needs(MANAGE)
def hours(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add working hours."""
    user = _person(pk)
    form = HoursForm(_posted(request), initial={"site": user.site, "from_day": clock.today(_zone(user))})
    if form.is_valid() and attempt(request, form, actions.set_hours, user=user, by=me(request), **form.cleaned_data):
        return redirect(_address(user))
    return _page(request, f"Hours of {user.name}", form, _address(user))


@needs(MANAGE)
def end_hours(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let working hours end."""
    found = get_object_or_404(WorkingHours.objects.select_related("user__site"), pk=pk)
    form = EndHoursForm(_posted(request), initial={"until_day": clock.today(_zone(found.user))})
    if form.is_valid() and attempt(request, form, actions.end_hours, hours=found, by=me(request), **form.cleaned_data):
        return redirect(_address(found.user))
    return _page(request, f"The last day of these hours of {found.user.name}", form, _address(found.user))


@needs(MANAGE)
def absence(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Enter an absence, with cover."""
    user = _person(pk)
    form = AbsenceForm(_posted(request))
    if form.is_valid() and attempt(
        request, form, actions.add_absence, user=user, by=me(request), reason=form.cleaned_data["reason"],
        covered_by=form.cleaned_data["covered_by"], **form.span(_zone(user)),
    ):  # fmt: skip
        messages.info(request, "Entered. Visits booked in that time stand in the front desk’s inbox, to be moved.")
        return redirect(_address(user))
    return _page(request, f"An absence of {user.name}", form, _address(user))


@require_POST
@needs(MANAGE)
def remove_absence(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take an absence off the rota."""
    found = get_object_or_404(Absence.objects.select_related("user"), pk=pk)
    actions.remove_absence(found, by=me(request))
    messages.info(request, "The absence is off the rota. Cover that came with it ends on its own day.")
    return redirect(_address(found.user))


@needs(MANAGE)
def rota(request: HttpRequest) -> HttpResponse:
    """Who is on call and who is away, from now on. Two queries."""
    return render(
        request, "staff/rota.html", {"duties": queries.duties_ahead()[:60], "absences": queries.absences_ahead()[:120]}
    )


@needs(MANAGE)
def on_call(request: HttpRequest) -> HttpResponse:
    """Put a clinician on call."""
    form = OnCallForm(_posted(request))
    if form.is_valid():
        user = form.cleaned_data["user"]
        if attempt(request, form, actions.put_on_call, user=user, by=me(request), **form.span(_zone(user))):
            return redirect("staff:rota")
    return _page(request, "A time on call", form, reverse("staff:rota"))


@require_POST
@needs(MANAGE)
def take_off_call(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a time on call off the rota."""
    actions.take_off_call(get_object_or_404(OnCall, pk=pk), by=me(request))
    return redirect("staff:rota")
