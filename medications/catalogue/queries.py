"""Finding drugs: by generic or brand name, or a part of one, forgiving typing mistakes."""

from uuid import UUID

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When

from medications.catalogue.models import Drug, Product
from patients.record.calc import normalise

LEAST_ALIKE = 0.35
MOST_TYPED = 80


def search(text: str, *, limit: int = 12, psychiatric_first: bool = True) -> list[Drug]:
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


def products(drug_id: UUID) -> QuerySet[Product]:
    """The products of a drug that can be prescribed, in the order of choosing. One query."""
    return Product.objects.filter(drug_id=drug_id, withdrawn=False).select_related("drug")
