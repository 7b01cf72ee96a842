"""Load the demo practice by the product's own actions, step by step, the patients' courses in parallel."""

import os
import signal
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils.module_loading import import_string

from clinic import clock
from clinic.demo import ZONE, Demo
from clinic.run import halves
from clinic.run.processes import tied_to_parent

MOST_PROCESSES = 4


class Command(BaseCommand):
    help = "Load the demo practice into an empty database (never in production)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run every step of settings; while it is not whole, the database says so (`clinic.run.halves`)."""
        if settings.PRODUCTION:
            raise CommandError("The demo practice is never loaded in production.")
        if halves.is_half_loaded():
            raise CommandError("An earlier load was stopped half-way. Make the database anew, then load again.")
        with connection.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT 1 FROM clinic_practice_practice)")
            if cursor.fetchone()[0]:
                raise CommandError("There is a practice in this database already.")
        demo = Demo(clock.today(ZONE))
        with transaction.atomic():
            halves.begin()
            self._run(settings.DEMO_STEPS, demo)
        self._share_out(demo)
        with transaction.atomic():
            self._run(settings.DEMO_STEPS_AT_THE_END, demo)
            halves.end()

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
        connection.close()
        self.stdout.flush()
        children = [self._start(demo, number, of) for number in range(of)]
        failed = [child for child in children if os.waitpid(child, 0)[1] != 0]
        if failed:
            raise CommandError("The demo practice could not be loaded; the lines above say why.")

    def _start(self, demo: Demo, number: int, of: int) -> int:
        tie = tied_to_parent(signal.SIGKILL)
        if child := os.fork():
            return child
        try:
            if tie is not None:
                tie()
            with transaction.atomic():
                self._run(settings.DEMO_STEPS_OF_PATIENTS, demo.share(number, of), f" · part {number + 1} of {of}")
            connection.close()
            self.stdout.flush()
        except BaseException:  # whatever it was: a forked process must never go on as its parent
            traceback.print_exc()
            os._exit(1)
        os._exit(0)


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
