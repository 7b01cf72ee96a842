"""The first start, the later ones, and those that were cut short."""

import urllib.request
from pathlib import Path

import psycopg2
import pytest

from clinic.run import postgres
from tests.clinic.run.house import Start, left_of

MEGABYTES = 700


def _sql(directory: Path, statement: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(host=str(directory / "run"), user=postgres.USER, dbname=postgres.DATABASE)
    connection.autocommit = True
    with connection, connection.cursor() as cursor:
        cursor.execute(statement)
        rows: list[tuple[object, ...]] = cursor.fetchall() if cursor.description else []
    connection.close()
    return rows


def test_the_second_start_finds_the_data(start: Start, lived_in: Path) -> None:
    house = start(lived_in).ready()
    _sql(lived_in, "CREATE TABLE IF NOT EXISTS kept (word text)")
    _sql(lived_in, "INSERT INTO kept VALUES ('Åsa')")
    assert house.stop() == 0
    house = start(lived_in).ready()
    assert _sql(lived_in, "SELECT word FROM kept") == [("Åsa",)]
    assert house.stop() == 0


def test_it_names_the_address_and_answers_there(start: Start, lived_in: Path) -> None:
    house = start(lived_in)
    assert house.until("Tandem is at") == f"Tandem is at http://localhost:{house.port}"
    with urllib.request.urlopen(f"http://localhost:{house.port}/") as answer:
        assert answer.status == 200
    assert house.stop() == 0


def test_idle_it_stays_small(start: Start, lived_in: Path) -> None:
    """All processes together, shared memory counted once (PSS)."""
    house = start(lived_in).ready()
    used = sum(process.memory_full_info().pss for process in house.processes())
    assert house.stop() == 0
    assert used < MEGABYTES * 1_000_000


@pytest.mark.parametrize("moment", ["Making the database", "Making the tables", "The tables are ready"])
def test_killed_in_its_first_start_it_recovers(start: Start, empty: Path, moment: str) -> None:
    house = start(empty)
    house.until(moment)
    processes = house.processes()
    house.process.kill()
    assert left_of(processes) == []
    house = start(empty).ready()
    assert house.stop() == 0


def test_an_unfinished_data_directory_is_made_anew(start: Start, empty: Path) -> None:
    """As a kill inside initdb leaves it."""
    unfinished = empty / "pg18.unfinished"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")
    house = start(empty).ready()
    assert not unfinished.exists()
    assert house.stop() == 0
