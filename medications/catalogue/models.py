"""The drug catalogue: ingredients and products, each with its source, confidence and version."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from clinic.rows import Row

SCHEDULES = [("", "none"), ("II", "II"), ("III", "III"), ("IV", "IV"), ("V", "V")]
CONFIDENCES = ["high", "medium", "low"]


class Drug(Row):
    """An ingredient, or a fixed combination of several. `facts` holds the reference entry as it was loaded."""

    generic_name = models.CharField(max_length=80, unique=True)
    brand_names = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    search_text = models.TextField(editable=False)  # normalised generic and brand names
    rxcui = models.CharField(max_length=12, blank=True)
    classes = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    psychiatric = models.BooleanField(default=True)
    schedule = models.CharField(max_length=3, blank=True, choices=SCHEDULES)
    facts = models.JSONField(default=dict)
    source = models.TextField(blank=True)
    confidence = models.CharField(max_length=10, blank=True)
    version = models.CharField(max_length=20)

    class Meta:
        ordering = ["generic_name"]
        indexes = [GinIndex(fields=["search_text"], opclasses=["gin_trgm_ops"], name="drug_search_trgm")]
        constraints = [
            models.CheckConstraint(condition=Q(schedule__in=["", "II", "III", "IV", "V"]), name="drug_schedule_known"),
            models.CheckConstraint(condition=~Q(generic_name=""), name="drug_named"),
        ]

    def __str__(self) -> str:
        return self.generic_name


class Product(Row):
    """A form and strength of a drug, in dispensing units (a tablet, a millilitre, a patch)."""

    drug = models.ForeignKey(Drug, on_delete=models.PROTECT, related_name="products")
    form = models.CharField(max_length=60)
    release = models.CharField(max_length=20, blank=True)
    strength = models.DecimalField(max_digits=12, decimal_places=4)
    unit = models.CharField(max_length=10)  # mg, mcg
    per = models.CharField(max_length=10, blank=True)  # mL, h, device; empty: one piece
    divisible = models.BooleanField(null=True)  # null: not established
    openable = models.BooleanField(null=True)
    max_mg_per_day = models.DecimalField(max_digits=10, decimal_places=3, null=True, blank=True)
    withdrawn = models.BooleanField(default=False)  # no longer in the loaded data; old orders keep it

    class Meta:
        ordering = ["drug", "form", "release", "strength"]
        constraints = [
            models.UniqueConstraint(
                fields=["drug", "form", "release", "strength", "unit", "per"], name="product_once_per_drug"
            ),
            models.CheckConstraint(condition=Q(strength__gt=0), name="product_strength_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.drug_id} {self.strength:g} {self.unit} {self.form}"
