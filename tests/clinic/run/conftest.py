"""Directories for whole Tandems, short and open enough for sockets and for the account nobody."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.clinic.run.house import SUPERVISOR, House, Start


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole Tandems start one after the other: all of this directory in one xdist worker."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("run"))


def _directory() -> Path:
    directory = Path(tempfile.mkdtemp(prefix="tandem-"))
    directory.chmod(0o755)
    return directory


@pytest.fixture
def empty() -> Iterator[Path]:
    """A directory in which nothing ever ran."""
    directory = _directory()
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a House; whatever the test does, it is stopped afterwards."""
    houses: list[House] = []

    def start(directory: Path, *, command: Sequence[str] = SUPERVISOR, **env: str) -> House:
        houses.append(House(directory, command=command, **env))
        return houses[-1]

    yield start
    for house in houses:
        house.stop()


@pytest.fixture(scope="session")
def lived_in() -> Iterator[Path]:
    """A directory in which a Tandem ran and was stopped: later starts in it are quick."""
    directory = _directory()
    house = House(directory).ready()
    assert house.stop() == 0
    yield directory
    shutil.rmtree(directory, ignore_errors=True)
