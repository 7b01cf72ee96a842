"""What every test shares: the browser, a clean cache, fresh clones of the database, Celery in one process."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase
from hypothesis import settings as hypothesis_settings
from pytest_django.plugin import DjangoDbBlocker

from clinic import clock
from clinic.celery import app as celery_app
from clinic.garbage import settle
from tests import browser
from tests import cast as people
from tests.furnished import NOW, Furnished, furnish

# Playwright's synchronous interface runs an event loop in the test's thread, in which Django would refuse the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# No test depends on how fast the machine is.
hypothesis_settings.register_profile("tandem", deadline=None, print_blob=True)
hypothesis_settings.load_profile("tandem")


def pytest_collection_finish() -> None:
    """All tests are imported: a fifth of their processor time was the collector walking what stays."""
    settle()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Playwright starts the browser that `make test` found, with nothing but our pages on its mind."""
    path = browser.find()
    if path is None:
        pytest.fail(browser.NONE, pytrace=False)
    return {**browser_type_launch_args, "executable_path": path, "args": list(browser.ARGUMENTS)}


@pytest.fixture(autouse=True)
def _clean_cache() -> Iterator[None]:
    """No test sees another's cache or queue: each worker has a Valkey database of its own, emptied after each test."""
    yield
    cache.clear()


@pytest.fixture
def eager_tasks() -> Iterator[None]:
    """Celery tasks run at once, in this process, and raise what they raise."""
    before = celery_app.conf.task_always_eager, celery_app.conf.task_eager_propagates
    celery_app.conf.task_always_eager, celery_app.conf.task_eager_propagates = True, True
    yield
    celery_app.conf.task_always_eager, celery_app.conf.task_eager_propagates = before


def _clone(template: str, name: str) -> None:
    """Make the database `name` anew, as a copy of `template`; whoever still has a connection to either loses it."""
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [template])
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def _renew_database(self: TransactionTestCase) -> None:
    """After a transactional test: a fresh clone of the template.

    Django would empty the tables, which our append-only tables refuse, and would lose what migrations put in.
    """
    _clone(connection.settings_dict["TEST"]["TEMPLATE"], connection.settings_dict["NAME"])


@pytest.fixture(scope="session", autouse=True)
def _fresh_clones() -> Iterator[None]:
    """Put `_renew_database` in the place of Django's flush."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", _renew_database)
        yield


@pytest.fixture(scope="session")
def _furnished_once(django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, Furnished]]:
    """What this worker has furnished, by the name of the database that keeps it; gone at the end."""
    kept: dict[str, Furnished] = {}
    yield kept
    with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
        for name in kept:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def furnished(transactional_db: None, _furnished_once: dict[str, Furnished]) -> Iterator[Furnished]:
    """Something in every room (tests/furnished.py), at its moment; made once a worker, a clone for each test."""
    name = connection.settings_dict["NAME"]
    kept = f"{name}_furnished"
    if kept in _furnished_once:
        _clone(kept, name)
    else:
        made = furnish(people.assemble())
        _clone(name, kept)
        _furnished_once[kept] = made
    clock.set_to(NOW)
    yield _furnished_once[kept]
    clock.set_to(None)


@pytest.fixture
def clock_stands() -> Iterator[None]:
    """For counting queries of pages: a sign-in's idle clock is written whenever the second is another."""
    with clock.at(clock.now()):
        yield


@pytest.fixture
def django_assert_num_queries(clock_stands: None, django_assert_num_queries: Any) -> Any:
    """pytest-django's, while the clock stands."""
    return django_assert_num_queries


@pytest.fixture
def cast(db: None) -> people.Cast:
    """The practice's people and patients, see tests/cast.py."""
    return people.assemble()
