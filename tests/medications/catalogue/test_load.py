"""The catalogue is in every database; loading again changes nothing; what changed is said; what left is kept."""

from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from medications.catalogue.calc import strength
from medications.catalogue.load import load, reference
from medications.catalogue.models import Drug, Product

pytestmark = pytest.mark.django_db


def test_every_database_has_the_drugs() -> None:
    assert Drug.objects.count() == len(reference()[1]) == 186
    assert Product.objects.count() > 1_100
    assert {row.version for row in Drug.objects.all()} == {reference()[0]}


def test_again_changes_nothing() -> None:
    found = load(Drug, Product)
    assert (found.added, found.changed, found.unchanged, found.missing) == ([], [], 186, [])
    assert (found.products_added, found.products_changed, found.products_withdrawn) == (0, 0, 0)


def test_what_changed_is_said() -> None:
    Drug.objects.filter(generic_name="sertraline").update(classes=[])
    Product.objects.filter(drug__generic_name="lithium").update(divisible=None)
    Drug.objects.create(generic_name="aspirotan", search_text="aspirotan", version="old")
    found = load(Drug, Product)
    assert (found.changed, found.missing) == (["sertraline"], ["aspirotan"])
    assert "SSRI" in Drug.objects.get(generic_name="sertraline").classes
    assert found.products_changed > 0


def test_a_product_that_left_the_data_is_withdrawn_and_kept() -> None:
    drug = Drug.objects.get(generic_name="sertraline")
    gone = Product.objects.create(drug=drug, form="tablet", release="immediate", strength=Decimal(37), unit="mg")
    assert load(Drug, Product).products_withdrawn == 1
    gone.refresh_from_db()
    assert gone.withdrawn is True


def test_the_command_says_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_catalogue")
    assert "0 drugs added, 0 changed, 186 as they were" in capsys.readouterr().out


def test_a_solution_is_counted_in_millilitres() -> None:
    assert strength({"value": 10, "unit": "mg", "per": {"value": 5, "unit": "mL"}}).amount == 2
    row = Product.objects.get(drug__generic_name="sertraline", form="oral solution")
    assert (row.strength, row.unit, row.per) == (Decimal(20), "mg", "mL")


def test_a_patch_says_over_how_many_hours() -> None:
    assert set(Product.objects.filter(drug__generic_name="clonidine", form="patch").values_list("per", flat=True)) == {
        "24 h"
    }


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("drug_schedule_known", {"generic_name": "new", "schedule": "I"}),
        ("drug_named", {"generic_name": ""}),
    ],
)
def test_the_database_refuses_a_drug(name: str, row: dict[str, str]) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Drug.objects.create(search_text="x", version="1", **row)


def test_the_database_refuses_a_product() -> None:
    drug = Drug.objects.get(generic_name="sertraline")
    same = {"drug": drug, "form": "tablet", "release": "immediate", "unit": "mg"}
    with pytest.raises(IntegrityError, match="product_once_per_drug"), transaction.atomic():
        Product.objects.create(strength=Decimal(50), **same)
    with pytest.raises(IntegrityError, match="product_strength_positive"), transaction.atomic():
        Product.objects.create(strength=Decimal(0), **same)
