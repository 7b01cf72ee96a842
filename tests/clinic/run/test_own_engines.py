"""With DATABASE_URL and REDIS_URL given nothing embedded starts; with one of them, the other does."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from clinic.run import parts, postgres, surroundings
from tests.clinic.run.house import Start

A_SERVER = os.environ["DATABASE_URL"].rpartition("/")[0]


@pytest.fixture
def database() -> Iterator[str]:
    """The URL of an empty database on a server of our own, here that of the tests."""
    host, name = A_SERVER.partition("@/")[2], f"given_{os.getpid()}"
    connection = psycopg2.connect(host=host, user=postgres.USER, dbname="postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    yield f"{A_SERVER}/{name}"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    connection.close()


def _redis() -> str:
    return os.environ["REDIS_URL"].partition("?")[0] + "?db=15"


def test_given_both_nothing_embedded_starts(start: Start, empty: Path, database: str) -> None:
    house = start(empty, DATABASE_URL=database, REDIS_URL=_redis()).ready()
    commands = [" ".join(process.cmdline()) for process in house.processes()]
    assert [command for command in commands if "postgres -D" in command or "valkey-server" in command] == []
    assert not (empty / "pg18").exists()
    assert not (empty / "run").exists()
    assert house.stop() == 0


def test_a_database_that_does_not_answer_is_named(start: Start, empty: Path) -> None:
    url = f"postgres://tandem@/{empty}/given"
    house = start(empty, DATABASE_URL=url, REDIS_URL=_redis())
    assert "The database of DATABASE_URL does not answer (" in house.end()
    assert "Traceback" not in "\n".join(house.lines)
    assert house.process.returncode == 1


def test_a_redis_that_does_not_answer_is_named(start: Start, empty: Path, database: str) -> None:
    house = start(empty, DATABASE_URL=database, REDIS_URL=f"unix://{empty}/none.sock?db=0")
    assert "The Redis of REDIS_URL does not answer (" in house.end()
    assert "Traceback" not in "\n".join(house.lines)
    assert house.process.returncode == 1


def test_the_env_file_counts_and_the_environment_counts_more(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = empty / ".env"
    file.write_text("PORT=8123\nREDIS_URL=redis://from-the-file\nWEB_WORKERS=3\n")
    monkeypatch.setattr(surroundings, "ENV_FILE", file)
    monkeypatch.setattr(os, "environ", {"PORT": "8124"})
    monkeypatch.setattr("environ.Env.ENVIRON", os.environ)
    around = surroundings.read()
    assert (around.port, around.redis_url, around.web_workers) == (8124, "redis://from-the-file", 3)


def test_the_parts_are_told_where_the_engines_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SITE_URL", raising=False)
    around = surroundings.read()
    env = parts.environment(around, {"DATABASE_URL": "ours", "REDIS_URL": "ours too"})
    assert (env["DATABASE_URL"], env["REDIS_URL"], env["SITE_URL"]) == ("ours", "ours too", around.public_url)
