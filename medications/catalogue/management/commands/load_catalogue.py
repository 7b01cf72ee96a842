"""Bring the drug catalogue to the state of the reference data, and say what changed."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from medications.catalogue.load import load
from medications.catalogue.models import Drug, Product


class Command(BaseCommand):
    """`manage.py load_catalogue`; running it twice changes nothing the second time."""

    help = "Load the drug catalogue from its reference data."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, and say what changed."""
        with transaction.atomic():
            self.stdout.write(str(load(Drug, Product)))
