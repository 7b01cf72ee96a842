"""Load the demo practice by the product's own actions, step by step, the patients' courses in parallel."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import billiard
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils.module_loading import import_string

from clinic import clock, half_loaded
from clinic.demo import ZONE, Demo
from clinic.garbage import settle
from clinic.run.processes import tied_to_parent

MOST_PROCESSES = 4


class Command(BaseCommand):
    help = "Load the demo practice into an empty database (never in production)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run every step of settings; while it is not whole, the database says so (`clinic.half_loaded`)."""
        if settings.PRODUCTION:
            raise CommandError("The demo practice is never loaded in production.")
        if half_loaded.is_marked():
            raise CommandError("An earlier load was stopped half-way. Make the database anew, then load again.")
        with connection.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT 1 FROM clinic_practice_practice)")
            if cursor.fetchone()[0]:
                raise CommandError("There is a practice in this database already.")
        demo = Demo(clock.today(ZONE))
        settle()
        with transaction.atomic():
            half_loaded.begin()
            self._run(settings.DEMO_STEPS, demo)
        self._share_out(demo)
        with transaction.atomic():
            self._run(settings.DEMO_STEPS_AT_THE_END, demo)
            half_loaded.end()

    def _run(self, steps: Sequence[str], demo: Demo, mark: str = "") -> None:
        with _without_savepoints():
            for name in steps:
                started = time.monotonic()
                said = import_string(name)(demo)
                self.stdout.write(f"  {said}{mark} ({time.monotonic() - started:.1f} s)")

    def _share_out(self, demo: Demo) -> None:
        """The patients' courses, a share of the patients in each process: they meet in no row.

        Each is one transaction; a refusal in one fails the load.
        """
        of = max(1, min(MOST_PROCESSES, os.cpu_count() or 1))
        connection.close()  # no connection is shared; Celery's own are left behind by its kind of process
        self.stdout.flush()
        context: Any = billiard.get_context("fork")
        tie = tied_to_parent(signal.SIGKILL)
        shares = [
            context.Process(target=self._load, args=(demo.share(number, of), f" · part {number + 1} of {of}", tie))
            for number in range(of)
        ]
        for share in shares:
            share.start()
        for share in shares:
            share.join()
        if any(share.exitcode != 0 for share in shares):
            raise CommandError("The demo practice could not be loaded; the lines above say why.")

    def _load(self, demo: Demo, mark: str, tie: Callable[[], None] | None) -> None:
        """What one process does."""
        if tie is not None:
            tie()
        with transaction.atomic():
            self._run(settings.DEMO_STEPS_OF_PATIENTS, demo, mark)
        connection.close()
        self.stdout.flush()


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
