"""Load the demo practice by the product's own actions, step by step."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils.module_loading import import_string

from clinic import clock
from clinic.demo import ZONE, Demo


class Command(BaseCommand):
    help = "Load the demo practice into an empty database (never in production)."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """Run every step of settings.DEMO_STEPS in one transaction; a failure leaves nothing."""
        if settings.PRODUCTION:
            raise CommandError("The demo practice is never loaded in production.")
        with connection.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT 1 FROM clinic_practice_practice)")
            if cursor.fetchone()[0]:
                raise CommandError("There is a practice in this database already.")
        demo = Demo(clock.today(ZONE))
        with _without_savepoints():
            for name in settings.DEMO_STEPS:
                started = time.monotonic()
                said = import_string(name)(demo)
                self.stdout.write(f"  {said} ({time.monotonic() - started:.1f} s)")


@contextmanager
def _without_savepoints() -> Iterator[None]:
    """Let actions within the load's transaction take no savepoints: a refusal ends the load as a whole anyway.

    They are a quarter of all its statements, and each that writes makes a transaction of its own in PostgreSQL.
    """
    used = connection.features.uses_savepoints
    connection.features.uses_savepoints = False
    try:
        yield
    finally:
        connection.features.uses_savepoints = used
