"""What stands between engines and pages: migrations, the demo practice, static files. One process, then it is gone.

Progress goes to the console; what the supervisor shows at the end (the demo's sign-ins) goes to the file named first.
"""

import os
import sys
import time
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command, get_commands
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from clinic import half_loaded


def main(signins: Path) -> int:
    """Make the database ready for the pages, write the demo's sign-ins to `signins`. 2: it could not, and said why."""
    try:
        django.setup()
    except ImproperlyConfigured as error:
        return _refuse(str(error))
    try:
        connection.ensure_connection()
    except OperationalError as error:
        return _refuse(
            f"The database of DATABASE_URL does not answer ({_one_line(error)}). Start it or correct the URL."
        )
    try:
        cache.get("tandem-is-there")
    except Exception as error:
        return _refuse(f"The Redis of REDIS_URL does not answer ({_one_line(error)}). Start it or correct the URL.")
    if settings.TANDEM_ENV == "demo" and half_loaded.is_marked():
        print("The last start ended while the demo practice was loading. It is made anew.")
        half_loaded.clear()
    migrate()
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    if settings.PRODUCTION:
        call_command("collectstatic", interactive=False, verbosity=0)
    if settings.TANDEM_ENV == "demo":
        load_demo()
        write_signins(signins)
    return 0


def migrate() -> None:
    """Bring the tables up to date. A migration is one transaction: after a kill the next start does the rest."""
    executor = MigrationExecutor(connection)
    steps = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not steps:
        return
    print(f"Making the tables: {len(steps)} steps.")
    started = time.monotonic()
    call_command("migrate", interactive=False, verbosity=0)
    print(f"The tables are ready ({time.monotonic() - started:.0f} s).")


def load_demo() -> None:
    """Load the demo practice unless a practice is there. What a kill leaves half loaded, the next start throws away."""
    if "load_demo" not in get_commands():
        return
    if apps.get_model("clinic_practice", "Practice")._default_manager.exists():
        return
    print("Loading the demo practice. This happens once and takes up to a minute.")
    started = time.monotonic()
    call_command("load_demo")
    # The planner's first guesses about empty tables would make the first pages slow.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(f"The demo practice is loaded ({time.monotonic() - started:.0f} s).")


def write_signins(signins: Path) -> None:
    """Keep what `manage.py demo_signins` prints, for the last lines of the start."""
    if "demo_signins" not in get_commands():
        return
    with signins.open("w") as file:
        call_command("demo_signins", stdout=file)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")


def _refuse(sentence: str) -> int:
    print(sentence)
    return 2


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    sys.exit(main(Path(sys.argv[1])))
