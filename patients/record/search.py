"""Finding a patient by what somebody typed; forgiving, one statement, by index."""

from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import add, and_, or_
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import (
    Case,
    ExpressionWrapper,
    F,
    FloatField,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import RawSQL
from django.db.models.fields import BooleanField, TextField
from django.db.models.functions import Concat

from clinic import clock, permissions
from patients.record import access
from patients.record.calc import search_text
from patients.record.models import Patient, PatientOpened
from patients.record.written import Typed, read

if TYPE_CHECKING:
    from clinic.staff.models import User

MOST = 20
RECENT = 12
ALIKE = 0.42  # of 1: how similar a part of a name must be to what was typed
LEAST_ALIKE = 4  # letters from which similarity means something
SWAPS = 8  # letters up to which two swapped ones are put right; longer words are found by similarity
# The threshold of the index's operator for this statement alone: a subquery without outer names runs before the scan.
THRESHOLD = RawSQL(
    "(SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)) IS NOT NULL", [str(ALIKE)], BooleanField()
)


@dataclass(frozen=True)
class Hit:
    """A patient that was found; who looks may see the contacts (`is_open`), read the chart (`reads_chart`)."""

    patient: Patient
    is_open: bool
    reads_chart: bool = False
    similar: bool = False  # somebody else of almost the same name is among those found


def find(text: str, user: "User", *, most: int = MOST, today: date | None = None) -> list[Hit]:
    """Patients by part of a name or preferred name, birth date in any usual writing, phone or record number.

    Exact ones first, then beginnings, then similar ones; what answers several things typed stands before what answers
    one. One query. Who asks has `patient.find`.
    """
    typed = read(text, today or clock.today("America/Los_Angeles"))
    if typed.empty:
        return []
    return _hits(found_by(typed, user), most)


def found_by(typed: Typed, user: "User") -> Any:
    """The search as a query set, best first."""
    ways = _ways(typed)
    matched = Q(THRESHOLD) & reduce(or_, ways)
    answers: list[Any] = [Case(When(way, then=1), default=0) for way in ways]
    spaced = Concat(Value(" "), F("search_text"), Value(" "), output_field=TextField())
    rows = (
        Patient.objects.filter(matched)
        .alias(spaced=spaced)
        .annotate(
            answered=ExpressionWrapper(reduce(add, answers), IntegerField()),
            nearness=_nearness(typed),
            likeness=_likeness(typed),
        )
    )
    return _with_rights(rows, user).order_by("-answered", "nearness", "-likeness", "search_text", "born_on")


def recent(user: "User", *, most: int = RECENT) -> list[Hit]:
    """The patients whose record the person opened last. One query."""
    opened = PatientOpened.objects.filter(user=user, patient_id=OuterRef("pk")).values("opened_at")
    mine = PatientOpened.objects.filter(user=user).order_by("-opened_at").values("patient_id")[:most]
    rows = Patient.objects.filter(pk__in=mine).alias(opened=Subquery(opened)).order_by("-opened")
    return _hits(_with_rights(rows, user), most)


def _ways(typed: Typed) -> list[Q]:
    """What was typed, as conditions: the name, the birth date, the telephone number, the record number."""
    ways = []
    if typed.words:
        named = reduce(and_, (_begins(word) for word in typed.words))
        ways.append(named | Q(search_text__trigram_word_similar=typed.name) if _long(typed) else named)
    if typed.days:
        ways.append(Q(born_on__in=typed.days))
    if typed.digits:
        ways.append(Q(phone_digits__contains=typed.digits))
    if typed.number:
        ways.append(Q(number=typed.number))
    return ways


def _long(typed: Typed) -> bool:
    return len(typed.name) >= LEAST_ALIKE


def _begins(word: str) -> Q:
    """A word of the name begins so, or with two neighbouring letters swapped."""
    forms = [word]
    if 2 < len(word) <= SWAPS:
        forms += [word[:n] + word[n + 1] + word[n] + word[n + 2 :] for n in range(len(word) - 1)]
    return reduce(or_, (Q(search_text__startswith=form) | Q(search_text__contains=f" {form}") for form in forms))


def _nearness(typed: Typed) -> Case:
    """0: every word is a word of the name; 1: every word begins one; 2: similar."""
    if not typed.words:
        return Case(When(Q(number=typed.number or 0), then=0), default=1)
    whole = reduce(and_, (Q(spaced__contains=f" {word} ") for word in typed.words))
    begins = reduce(
        and_, (Q(search_text__startswith=word) | Q(search_text__contains=f" {word}") for word in typed.words)
    )
    return Case(When(whole, then=0), When(begins, then=1), default=2)


def _likeness(typed: Typed) -> Any:
    if not typed.words:
        return Value(0.0, output_field=FloatField())
    return TrigramWordSimilarity(typed.name, "search_text")


def _with_rights(rows: Any, user: "User") -> Any:
    """What the person may open of each record, emergency access included; in the same query."""
    in_emergency = Q(pk__in=access.emergencies().filter(user=user).values("patient_id"))

    def open_by(capability: str) -> Any:
        allowed = access.visible_patients(user, capability)
        if not allowed:
            return Value(True)
        if permissions.may(user.held_roles(), capability):
            allowed |= in_emergency
        return Case(When(allowed, then=Value(True)), default=Value(False))

    return rows.annotate(is_open=open_by("patient.contacts"), reads_chart=open_by("chart.read"))


def _hits(rows: Any, most: int) -> list[Hit]:
    found = list(rows[:most])
    names = [frozenset(search_text(row.family_name, row.given_name).split()) for row in found]
    return [
        Hit(row, row.is_open, row.reads_chart, similar=sum(bool(own & other) for other in names) > 1)
        for row, own in zip(found, names, strict=True)
    ]
