"""A pytest plugin (`-p tests.engines`): every run has its own PostgreSQL and Valkey, started before Django looks.

The process that starts the run (xdist's controller, or the only one) takes the first free of the directories
`var/test/0`, `var/test/1`, …, starts the engines there without fsync, and migrates one template database named by the
hash of all migrations. It is kept, so that a second run starts at once. Every worker clones it (`CREATE DATABASE …
TEMPLATE`), and transactional tests get a fresh clone each (see `tests/conftest.py`).
"""

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from clinic.run.engines import Engines
from clinic.run.postgres import Postgres
from clinic.run.trouble import Trouble

ROOT = Path(__file__).resolve().parent.parent
SLOTS = 32
# The data of tests may be lost with the machine; nothing is repaired while they run.
SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off", "max_connections=200")
LAST_WORDS = 2_000  # characters of a failed migration that are shown


class Run:
    """The engines of this test run."""

    def __init__(self) -> None:
        self.lock, directory = _free_slot()
        self.engines = Engines(directory, settings=SETTINGS, keep=[self.lock])
        self.trouble = ""

    def start(self) -> None:
        """Start the engines, make the template, tell Django and the workers by the environment."""
        self.engines.start()
        postgres, valkey = self.engines.postgres, self.engines.valkey
        assert postgres is not None
        assert valkey is not None
        os.environ |= {"TANDEM_ENV": "test", "DATABASE_URL": postgres.url(), "REDIS_URL": valkey.url()}
        os.environ["TANDEM_TEST_TEMPLATE"] = self._template(postgres)

    def stop(self) -> None:
        """Stop the engines and leave the directory to the next run."""
        self.engines.stop()
        os.close(self.lock)

    def _template(self, postgres: Postgres) -> str:
        """The name of a migrated database, made if there is none for these migrations; "" if they do not run."""
        name = f"template_{_fingerprint()}"
        with postgres.connect() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'")
            found = {row[0] for row in cursor.fetchall()}
            for old in found - {name}:  # clones of a run that was killed, templates of older migrations
                cursor.execute(f'DROP DATABASE "{old}" WITH (FORCE)')
            if name in found:
                return name
            cursor.execute("CREATE DATABASE unfinished")
            self.trouble = _migrate(postgres.url("unfinished"))
            if self.trouble:
                return ""
            cursor.execute(f'ALTER DATABASE unfinished RENAME TO "{name}"')
        return name


def _free_slot() -> tuple[int, Path]:
    """A directory nobody tests in, and the lock that keeps it ours until this process and its engines are gone."""
    for number in range(SLOTS):
        directory = ROOT / "var" / "test" / str(number)
        directory.mkdir(parents=True, exist_ok=True)
        lock = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        return lock, directory
    raise Trouble(f"{SLOTS} test runs already go on in {ROOT / 'var' / 'test'}; wait for one to end.")


def _fingerprint() -> str:
    """A hash of everything a migrated database depends on: all migrations of ours, the pinned libraries."""
    digest = hashlib.sha256()
    for path in [ROOT / "requirements.txt", *sorted(ROOT.glob("*/*/migrations/*.py"))]:
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _migrate(url: str) -> str:
    """Migrate the database at `url` in a process of its own; "" or what went wrong."""
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0", "--no-input"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url, "TANDEM_TEST_TEMPLATE": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr.strip()[-LAST_WORDS:] or "no reason given" if done.returncode else ""


def _begin_worker(worker: str) -> None:
    """Give an xdist worker ("gw0", "gw1", …) a Valkey database and a key prefix of its own."""
    number = int(worker.removeprefix("gw")) + 1
    os.environ["REDIS_URL"] = os.environ["REDIS_URL"].partition("?")[0] + f"?db={number % 16}"
    os.environ["CACHE_PREFIX"] = f"test-{worker}"


_run: Run | None = None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, object, object]:
    """Before pytest-django reads the settings: start the engines, or as a worker use the controller's."""
    global _run
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker:
        _begin_worker(worker)
    elif os.environ.get("TANDEM_TEST_TEMPLATE"):
        pass  # somebody has started engines for several runs, one after the other (tests/mutants)
    elif not early_config.known_args_namespace.help and not early_config.known_args_namespace.version:
        try:
            _run = Run()
            _run.start()
        except Trouble as trouble:
            raise pytest.UsageError(str(trouble)) from None
    return (yield)


def pytest_report_header() -> list[str]:
    """Say where the engines are, and why the migrations do not run if so."""
    if not _run:
        return []
    lines = [f"engines: {_run.engines.directory}"]
    if _run.trouble:
        lines += ["THE MIGRATIONS DO NOT RUN; tests that need the database will fail:", _run.trouble]
    return lines


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Stop the engines after the last test and the last clone's removal."""
    global _run
    if _run:
        _run.stop()
        _run = None
