"""What the architecture tests walk: rooms, models, templates, addresses."""

import re
from collections.abc import Iterator
from pathlib import Path

from django.apps import AppConfig, apps
from django.conf import settings
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver

ROOT = Path(__file__).resolve().parent.parent
HOUSES = ("clinic", "patients", "therapy", "medications")

# From the foundation up; a room may know the rooms before it. Rooms in one tuple know each other or nobody.
ROOMS = (
    ("clinic.audit",),
    ("clinic.practice",),
    ("clinic.staff",),
    ("clinic.outbox",),
    ("clinic.web",),
    ("patients.record",),
    ("patients.timeline", "patients.inbox"),
    ("patients.notes", "patients.scheduling"),
    ("patients.risk",),
    ("patients.measures",),
    ("patients.plan",),
    ("patients.handoffs",),
    ("patients.chart",),
    ("therapy.sessions",),
    ("medications.catalogue",),
    ("medications.safety",),
    ("medications.prescribing",),
    ("medications.injections",),
    ("medications.pharmacies",),
    ("medications.visits",),
    ("medications.reconciling",),
    ("medications.tapers", "medications.monitoring"),
    ("medications.controlled",),
    ("medications.vigilance",),
    ("medications.refills",),
)
# Relations that point up on purpose, each with its reason.
UPWARD_RELATIONS = {
    "clinic.practice.Setting.set_by": "who set a value; through AUTH_USER_MODEL, the one name every room may use",
}
URL_TAG = re.compile(r"""\{%\s*url\s+['"]([\w:-]+)['"]""")


def room_configs() -> list[AppConfig]:
    """The apps that are rooms."""
    return [config for config in apps.get_app_configs() if config.name.split(".")[0] in HOUSES]


def level(room: str) -> int:
    """How high a room stands."""
    return next(number for number, rooms in enumerate(ROOMS) if room in rooms)


def sibling_houses(one: str, other: str) -> bool:
    """Whether two rooms are in the houses that never meet."""
    return {one.split(".")[0], other.split(".")[0]} == {"therapy", "medications"}


def may_know(room: str, other: str) -> bool:
    """Whether `room` may depend on `other`."""
    return not sibling_houses(room, other) and level(other) <= level(room)


def relations() -> Iterator[tuple[str, str, str]]:
    """Every forward relation between rooms: its name, its room, the room it points to."""
    for config in room_configs():
        for model in config.get_models():
            if model.__name__.endswith("Event") and hasattr(model, "pgh_id"):
                continue  # pghistory's copies follow the model they copy
            for field in model._meta.get_fields():
                if isinstance(field, models.ForeignKey | models.ManyToManyField) and field.related_model:
                    target = field.related_model
                    if isinstance(target, type) and target._meta.app_config.name.split(".")[0] in HOUSES:
                        name = f"{config.name}.{model.__name__}.{field.name}"
                        yield name, config.name, target._meta.app_config.name


def templates() -> list[Path]:
    """All our templates."""
    return sorted((ROOT / "templates").rglob("*.html"))


def url_names(
    patterns: list[URLPattern | URLResolver] | None = None, space: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    """Every named address: "room:name" and its pattern, ours and allauth's."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from url_names(pattern.url_patterns, inner)
        elif pattern.name:
            yield f"{space}{pattern.name}", pattern


def rooms_in_settings() -> list[str]:
    """The rooms in the order of settings.ROOMS."""
    return [name.rsplit(".apps.", 1)[0] for name in settings.ROOMS]
