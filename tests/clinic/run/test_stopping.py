"""Whatever ends it, nothing is left running, and the next start finds a free house."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from clinic.run.lock import Lock
from tests.clinic.run.house import Start, left_of


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_person_stops_it(start: Start, lived_in: Path, how: signal.Signals) -> None:
    house = start(lived_in).ready()
    processes = house.processes()
    assert house.stop(how) == 0
    assert left_of(processes) == []


def test_killed_it_takes_everything_along_and_starts_again(start: Start, lived_in: Path) -> None:
    house = start(lived_in).ready()
    processes = house.processes()
    house.process.kill()
    again = start(lived_in).ready()  # at once: it waits for what the killed one left
    assert left_of(processes) == []
    assert again.stop() == 0


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("gunicorn", "The part web"),
        ("clinic worker", "The part worker"),
        ("clinic beat", "The part beat"),
        ("valkey-server", "Valkey"),
        ("bin/postgres", "PostgreSQL"),
    ],
)
def test_one_part_killed_stops_all_and_says_which(start: Start, lived_in: Path, command: str, name: str) -> None:
    house = start(lived_in).ready()
    processes = house.processes()
    house.part(command).kill()
    assert f"{name} ended (killed by SIGKILL), so everything stops" in house.end()
    assert house.process.returncode == 1
    assert left_of(processes) == []


# Starts the supervisor and waits for it, as make does.
A_PARENT = """
import os, subprocess, sys
subprocess.call([sys.executable, "-m", "clinic.run", "--parent", str(os.getpid())])
"""


def test_the_death_of_its_parent_ends_it(start: Start, lived_in: Path) -> None:
    """As when make itself is killed."""
    house = start(lived_in, command=[sys.executable, "-c", A_PARENT]).ready()
    processes = house.processes()
    assert "--parent" in processes[1].cmdline()
    house.process.kill()
    assert left_of(processes) == []


def test_a_second_one_in_the_same_directory_is_refused(start: Start, lived_in: Path) -> None:
    house = start(lived_in).ready()
    second = start(lived_in)
    assert f"Tandem already runs in {lived_in} (process {house.process.pid})." in second.end()
    assert second.process.returncode == 1
    assert psutil.pid_exists(house.process.pid)
    assert house.stop() == 0


def test_the_lock_is_held_until_the_last_child_is_gone(empty: Path) -> None:
    """A start right after a kill waits, and does not meet the old PostgreSQL."""
    first = Lock(empty)
    first.take(say=print, stop=lambda: False)
    child = subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=[first.descriptor])
    first.release()

    asked = []

    def end_the_child() -> bool:
        asked.append(child.poll())
        child.communicate()
        return False

    said: list[str] = []
    second = Lock(empty)
    second.take(say=said.append, stop=end_the_child)
    second.release()
    assert asked == [None]  # it was refused while the child lived, once, and then had the lock
    assert said == ["Waiting for the last run to stop."]
