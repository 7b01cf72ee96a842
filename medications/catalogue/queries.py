"""Finding drugs: by generic or brand name, or a part of one, forgiving typing mistakes."""

import re
from uuid import UUID

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When

from medications.catalogue.models import Drug, Product
from patients.record.calc import normalise

LEAST_ALIKE = 0.35
MEANT = 0.5  # so alike is a name that somebody is asked about: closer than what a list to choose from may hold
MOST_TYPED = 80
MOST_FOUND = 12
# A name and the strength that people write behind it.
STRENGTH = re.compile(r"(?P<name>.*?)[\s,]+(?P<strength>\d[\d.,/]*\s*(mg|mcg|µg|g|ml|units|iu)?\.?)", re.IGNORECASE)


def search(text: str, *, limit: int = MOST_FOUND, psychiatric_first: bool = True) -> list[Drug]:
    """The drugs that the text may mean, best first. One query, products not loaded.

    A name that begins with the text comes first, then one that holds it, then what is spelled alike.
    """
    wanted = normalise(text[:MOST_TYPED].replace("\x00", "")).encode("utf-8", "ignore").decode()
    if not wanted:
        return []
    rank = Case(
        When(Q(search_text__startswith=wanted) | Q(search_text__contains=f"| {wanted}"), then=Value(0)),
        When(search_text__contains=wanted, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    order = ["rank", "-psychiatric"] if psychiatric_first else ["rank"]
    return list(
        Drug.objects.annotate(rank=rank, alike=TrigramWordSimilarity(wanted, "search_text"))
        .filter(Q(search_text__contains=wanted) | Q(alike__gte=LEAST_ALIKE))
        .order_by(*order, F("alike").desc(), "generic_name")[:limit]
    )


def named(text: str) -> Drug | None:
    """The drug with exactly this generic or brand name, whatever its writing. One query."""
    wanted = normalise(text[:MOST_TYPED])
    if not wanted:
        return None
    rows = Drug.objects.filter(search_text__contains=wanted)
    return next((drug for drug in rows if wanted in drug.search_text.split(" | ")), None)


def told(name: str) -> tuple[Drug | None, str, str]:
    """The drug of a name, with or without a strength behind it ("Advil 200 mg"); what stays as text; the strength."""
    if drug := named(name):
        return drug, "", ""
    if (found := STRENGTH.fullmatch(name)) and (drug := named(found["name"])):
        return drug, "", found["strength"]
    return None, name, ""


def meant(name: str) -> list[str]:
    """What a name that the catalogue does not know may be meant to be, as people would write it; a strength stays."""
    if told(name)[0] is not None:
        return []
    found = STRENGTH.fullmatch(name)
    bare, strength = (found["name"], f" {found['strength']}") if found else (name, "")
    drugs = search(bare, limit=4, psychiatric_first=False)
    return [f"{drug.generic_name}{strength}" for drug in drugs if drug.alike >= MEANT]  # type: ignore[attr-defined]


def products(drug_id: UUID) -> QuerySet[Product]:
    """The products of a drug that can be prescribed, in the order of choosing. One query."""
    return Product.objects.filter(drug_id=drug_id, withdrawn=False).select_related("drug")
