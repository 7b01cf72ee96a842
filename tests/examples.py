"""For every address an example with real objects, and who opens it: what the sweeping tests walk.

An example is the keyword arguments of `reverse`; "?" holds the query. An address with a patient takes Ana unless it
says otherwise. A new address without an example fails `tests/test_every_page.py`.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.test import Client
from django.urls import URLPattern, reverse

from clinic import permissions
from clinic.staff.enums import Role
from clinic.staff.models import User
from medications.catalogue.models import Drug
from patients.measures.views.desk import HELD
from patients.record import access
from tests.architecture import url_names
from tests.cast import client
from tests.furnished import Furnished

Given = dict[str, Any]
PLAIN: Given = {}


def row(name: str, key: str = "pk") -> Callable[[Furnished], list[Given]]:
    """The furnished row of that name."""
    return lambda f: [{key: getattr(f.rows, name).pk}]


def rows(*names: str) -> Callable[[Furnished], list[Given]]:
    """Each of the furnished rows of these names."""
    return lambda f: [{"pk": getattr(f.rows, name).pk} for name in names]


def plain(f: Furnished) -> list[Given]:
    """Nothing but the patient, if there is one."""
    return [PLAIN]


def _drug() -> str:
    return str(Drug.objects.get(generic_name="lithium").pk)


def _own_user(f: Furnished) -> list[Given]:
    return [{"pk": f.cast.theo.pk}]


def _site(f: Furnished) -> list[Given]:
    return [{"site_id": f.cast.site.pk}]


def _kinds(f: Furnished) -> list[Given]:
    found = {"problem": f.rows.problem_row, "objective": f.rows.objective_row, "intervention": f.rows.intervention_row}
    return [{"kind": kind, "pk": one.pk} for kind, one in found.items()]


def _records(f: Furnished) -> list[Given]:
    found = {"allergy": f.rows.allergy, "condition": f.rows.condition, "fact": f.rows.fact}
    found["reading"] = f.rows.reading
    return [{"kind": kind, "pk": one.pk} for kind, one in found.items()]


PLAIN_ONES = (
    "home", "my_settings", "theme", "idle", "health", "robots", "favicon", "gallery", "account_login", "account_logout",
    "account_reauthenticate", "account_change_password", "mfa_index", "mfa_authenticate", "mfa_reauthenticate",
    "mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes", "account_reset_password", "account_reset_password_done",
    "account_reset_password_from_key_done", "practice:overview", "practice:practice", "practice:new_site",
    "practice:configuration", "staff:people", "staff:invite", "staff:rota", "staff:on_call", "audit:events",
    "audit:verify", "audit:export", "outbox:jobs", "outbox:inbound", "outbox:mailbox", "record:find", "record:palette",
    "record:register", "record:emergencies", "record:record", "record:desk", "record:edit", "record:stop_messages",
    "record:team", "record:allergy", "record:no_allergies", "record:condition", "record:codes", "record:facts",
    "inbox:tasks", "scheduling:board_live", "scheduling:find", "scheduling:patient", "scheduling:book",
    "scheduling:walk_in", "scheduling:call", "risk:flags", "risk:raise", "measures:here", "measures:desk",
    "measures:end", "measures:measures", "plan:plan", "plan:draft", "plan:edit", "plan:criteria", "plan:sign",
    "handoffs:lines", "handoffs:new", "handoffs:hints", "chart:my_day", "chart:chart", "chart:event", "sessions:list",
    "sessions:begin", "prescribing:medication", "prescribing:report", "reconciling:list", "catalogue:pick",
    "visits:begin", "refills:desk",
    "refills:decided", "refills:in_order", "refills:renew", "refills:ask", "pharmacies:directory", "pharmacies:add",
    "pharmacies:verify", "pharmacies:messages",
    "pharmacies:module", "pharmacies:preferred", "safety:attested", "safety:look_up", "safety:exam",
    "controlled:log", "controlled:telehealth", "vigilance:late", "vigilance:overrides",
    "monitoring:export", "monitoring:files",
    "monitoring:monitoring", "monitoring:circumstance", "prescribing:history",
    "tapers:tapers",
)  # fmt: skip
EXAMPLES: dict[str, Callable[[Furnished], list[Given]]] = dict.fromkeys(PLAIN_ONES, plain) | {
    "welcome": lambda f: [{"token": f.rows.token}],
    "account_reset_password_from_key": lambda f: [{"uidb36": "1", "key": "set-password"}],
    "practice:site": lambda f: [{"pk": f.cast.site.pk}],
    "practice:new_room": _site,
    "practice:room": lambda f: [{"site_id": f.cast.site.pk, "pk": f.cast.room.pk}],
    "practice:new_closure": _site,
    "practice:opening": lambda f: [{"site_id": f.cast.site.pk, "weekday": 0}],
    "practice:open_again": row("closure"),
    "practice:setting": lambda f: [{"key": key} for key in ("bridge_days", "reminder_window", "schedule_v_as_iii")],
    "staff:invite_again": lambda f: [{"pk": f.rows.invitation.user_id}],
    "staff:take_off_call": row("duty"),
    "staff:renew": row("licence"),
    "staff:end_hours": row("hours"),
    "staff:remove_absence": row("absence"),
    "staff:take_role": lambda f: [{"pk": f.cast.fran.pk, "role": "front_desk"}],
    "outbox:try_again": row("item"),
    "outbox:answer": row("message"),
    "record:review": row("emergency"),
    "record:emergency": lambda f: [{"patient_id": f.cast.ben.pk}],
    "record:leave": row("member"),
    "record:ended": row("condition"),
    "record:in_error": _records,
    "inbox:tick_off": lambda f: [{"pk": f.rows.task.pk}],
    "scheduling:board": lambda f: [PLAIN, {"?": {"view": "list"}}, {"?": {"day": "2026-02-16"}}],
    "scheduling:visit": rows("here", "missed", "ahead"),
    "scheduling:step": lambda f: [
        {"pk": f.rows.here.pk, "what": what} for what in ("confirm", "start", "complete", "reopen", "arrive")
    ],
    **{f"scheduling:{name}": row("ahead") for name in ("move", "cancel", "late")},
    **{f"scheduling:{name}": row("here") for name in ("no_show", "in_error")},
    **{f"notes:{name}": row("note") for name in ("note", "addendum", "retract", "cosign")},
    **{f"notes:{name}": lambda f: [{"pk": f.rows.session.note_id}] for name in ("save", "state", "back")},
    "risk:flag": rows("flag", "closed_flag"),
    "risk:acknowledge": row("flag"),
    "risk:close": row("flag"),
    "measures:question": lambda f: [{"number": 1}, {"number": 9}],
    "measures:help": lambda f: [{"number": 9}],
    "measures:hand_over": lambda f: [{"?": {"attendance": f.rows.here.pk}}],
    "measures:record": lambda f: [{"instrument": "phq9"}, {"instrument": "gad7"}],
    **{f"measures:{name}": row("score") for name in ("score", "acknowledge", "retract")},
    "plan:version": row("first_version"),
    "plan:compare": lambda f: [{"?": {"old": f.rows.first_version.pk, "new": f.rows.draft.pk}}],
    "plan:reading": row("objective"),
    "plan:add": lambda f: [{"kind": "problem"}],
    "plan:add_below": lambda f: [
        {"kind": kind, "problem": f.rows.problem_row.pk} for kind in ("objective", "intervention")
    ],
    "plan:change": _kinds,
    "plan:remove": _kinds,
    "handoffs:line": rows("line", "unread"),
    "handoffs:mark_read": row("unread"),
    "handoffs:retract": row("line"),
    "chart:day": lambda f: [{"day": date(2026, 2, 9)}],
    "chart:life_event": row("event"),
    "sessions:session": row("session"),
    "sessions:save": row("session"),
    "prescribing:new": lambda f: [PLAIN, {"?": {"drug": _drug()}}],
    "prescribing:check": lambda f: [{"pk": f.rows.prescription.pk}, {"?": {"drug": _drug()}}],
    **{f"prescribing:{name}": row("order") for name in ("order", "retract")},
    **{
        f"prescribing:{name}": row("prescription")
        for name in ("change", "hold", "stop", "fill", "lost", "link", "strike")
    },
    "prescribing:resume": row("held"),
    "prescribing:fill_in_error": row("told_fill"),
    "prescribing:loss_in_error": row("loss"),
    "safety:in_error": lambda f: [
        {"kind": "look-up", "pk": f.rows.look_up.pk}, {"kind": "exam", "pk": f.rows.exam.pk},
    ],
    "controlled:series": row("stimulant"),
    "controlled:order": row("stimulant_order"),
    "controlled:more": lambda f: [{"pk": f.rows.sleeper.pk}],
    "controlled:certified": lambda f: [{"pk": f.rows.series[1].pk}],
    "vigilance:answer": row("late"),
    "vigilance:lower": lambda f: [{"rule": "IX-066"}],
    "vigilance:ask_again": row("tuning"),
    "injections:injection": row("depot"),
    **{f"injections:{name}": row("injection") for name in ("told", "retract")},
    **{f"reconciling:{name}": row("reconciliation") for name in ("told", "retract")},
    "visits:visit": row("visit"),
    "visits:save": row("visit"),
    **{f"pharmacies:{name}": row("pharmacy") for name in ("change", "close")},
    "pharmacies:transmission": rows("failed", "listed", "filled", "discontinued", "waiting"),
    "pharmacies:state": rows("waiting", "failed"),
    "pharmacies:document": rows("filled", "discontinued"),
    "pharmacies:undo": row("waiting"),
    "pharmacies:resend": row("failed"),
    "pharmacies:picked_up": row("filled"),
    "pharmacies:module_sent": row("listed"),
    "pharmacies:told": row("discontinued"),
    "pharmacies:cleared": row("message"),
    "monitoring:grid": lambda f: [PLAIN, {"?": {"show": "all"}}, {"?": {"show": "soon", "code": "2951-2"}}],
    "monitoring:file": rows("file", "imported"),
    "monitoring:import": row("file"),
    "monitoring:rejects": row("imported"),
    "monitoring:progress": row("imported"),
    "monitoring:record": lambda f: [{"code": "2951-2"}, {"code": "58410-2"}, {"code": f.rows.question}],
    "monitoring:end": row("circumstance"),
    **{f"monitoring:{name}": row("result") for name in ("result", "answer", "retract")},
    "refills:decide": row("request"), "refills:pharmacy_asks": row("prescription"),
    "refills:call": row("call"),
    "tapers:new": row("fresh"),
    **{f"tapers:{name}": rows("prescription", "fresh") for name in ("fill", "preview")},
    "tapers:taper": rows("taper", "paused", "drafted"),
    "tapers:steps": lambda f: [{"pk": f.rows.taper.pk}, {"pk": f.rows.drafted.pk, "?": {"restart": 1}}],
    "tapers:start": row("drafted"),
    "tapers:resume": row("paused"),
    **{f"tapers:{name}": row("taper") for name in ("check", "pause", "confirm", "end")},
    "tapers:retract": row("check"),
    "tapers:review": row("review"),
    **dict.fromkeys(
        (f"staff:{name}" for name in ("person", "change", "give_role", "access", "licence", "hours", "absence")),
        _own_user,
    ),
}  # fmt: skip
# Opened without a role; "device": by a browser that holds the desk's token.
ANYBODY = "anybody"
WITHOUT_ROLE = {
    "account_login": ANYBODY, "account_reset_password": ANYBODY, "account_reset_password_done": ANYBODY,
    "account_reset_password_from_key": ANYBODY, "account_reset_password_from_key_done": ANYBODY, "welcome": ANYBODY,
    "measures:here": ANYBODY, "health": ANYBODY, "outbox:inbound": ANYBODY, "theme": ANYBODY,
    "measures:desk": "device", "measures:question": "device", "measures:help": "device", "measures:end": "device",
}  # fmt: skip
# These look different to each role, and are opened by all who may.
FOR_EACH_ROLE = (
    "home", "my_settings", "inbox:tasks", "record:find", "record:desk", "scheduling:board", "scheduling:patient",
    "chart:chart", "chart:my_day", "plan:plan", "prescribing:medication", "sessions:list", "notes:note", "refills:ask",
    "measures:measures", "record:record",
    "monitoring:grid", "monitoring:monitoring", "monitoring:result", "risk:flag", "scheduling:visit",
)  # fmt: skip
ORDER = (Role.PRESCRIBER, Role.THERAPIST, Role.FRONT_DESK, Role.SUPERVISOR, Role.PRACTICE_MANAGER, Role.PRIVACY_OFFICER)
# Written by their author, whoever else may open them.
AUTHOR = {
    "notes:save": Role.THERAPIST, "notes:state": Role.THERAPIST, "notes:back": Role.THERAPIST,
    "notes:addendum": Role.THERAPIST, "handoffs:mark_read": Role.THERAPIST, "handoffs:retract": Role.THERAPIST,
    **dict.fromkeys(
        ("mfa_index", "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes",
         "mfa_download_recovery_codes"),
        Role.PRIVACY_OFFICER,  # who has a second factor
    ),
    "plan:draft": Role.THERAPIST, "inbox:tick_off": Role.THERAPIST, "record:emergency": Role.THERAPIST,
}  # fmt: skip


@dataclass(frozen=True)
class Door:
    """One address with its arguments, and who opens it: a role, "anybody" or "device"."""

    name: str
    address: str
    who: str


def doors(f: Furnished, *, everybody: bool = False) -> list[Door]:
    """Every address with each of its examples, by the one who is to open it, or by everybody who may."""
    found: list[Door] = []
    for name, pattern in url_names():
        for given in EXAMPLES[name](f):
            patient = given.get("patient_id", f.cast.ana.pk)
            kwargs = {key: value for key, value in given.items() if key != "?"}
            if "patient_id" in pattern.pattern.converters:
                kwargs["patient_id"] = patient
            if set(kwargs) != set(pattern.pattern.converters or kwargs):
                continue  # another pattern of the same name
            address = reverse(name, kwargs=kwargs) + ("?" + urlencode(given["?"]) if "?" in given else "")
            found += [Door(name, address, who) for who in _who(f, name, pattern, patient, everybody)]
    return list(dict.fromkeys(found))


def _who(f: Furnished, name: str, pattern: URLPattern, patient_id: Any, everybody: bool) -> Iterator[str]:
    if name in WITHOUT_ROLE:
        yield WITHOUT_ROLE[name]
        return
    capability = str(getattr(pattern.callback, "capability", "home"))
    able = [role for role in ORDER if _may(f.cast.by_role[role], capability, patient_id, pattern)]
    if name in AUTHOR and not everybody:
        yield str(AUTHOR[name])
    else:
        yield from map(str, able if everybody or name in FOR_EACH_ROLE else able[:1])


def _may(user: User, capability: str, patient_id: Any, pattern: URLPattern) -> bool:
    if "patient_id" in pattern.pattern.converters:
        return access.may(user, capability, patient_id)
    return permissions.may(user.held_roles(), capability)


def browser(f: Furnished, who: str) -> Client:
    """A client of that person; it takes answers of 500 as they are."""
    made = Client() if who in (ANYBODY, "device") else client(f.cast.by_role[Role(who)])
    made.raise_request_exception = False
    if who != ANYBODY:
        session = made.session
        if who == "device":
            session[HELD] = f.rows.desk_token
        else:  # the password was given just now, so that pages of the second factor open
            session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
        session.save()
    return made
