"""A start that cannot go on says in one sentence what is wrong and what to do; no trace, nothing left running."""

import errno
import shutil
import socket
from collections import namedtuple
from pathlib import Path

import pytest

from clinic.run import supervisor, surroundings
from clinic.run.engines import Engines
from clinic.run.trouble import Trouble
from tests.clinic.run.house import Start

Usage = namedtuple("Usage", "total used free")


def test_the_port_is_in_use(start: Start, empty: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        house = start(empty, PORT=str(port))
        assert house.end().strip() == (
            f"Port {port} is in use by another program. End that program, or choose another port, for example: "
            f"make run PORT={port + 1}."
        )
    assert house.process.returncode == 1
    assert list(empty.iterdir()) == []


@pytest.mark.parametrize("port", ["0", "65536", "eight", "8000 ", "-1", "٨٠٠٠"])
def test_the_port_makes_no_sense(empty: Path, port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", port)
    with pytest.raises(Trouble) as caught:
        surroundings.read()
    assert str(caught.value) == f"PORT is {port!r}; it must be a whole number from 1 to 65535."


def test_the_host_is_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOST", "192.0.2.1")  # an address kept for examples
    with pytest.raises(Trouble) as caught:
        surroundings.check_port(surroundings.read())
    assert str(caught.value) == "HOST is '192.0.2.1', which is no address of this machine."


@pytest.mark.parametrize("name", ["pg17", "pg18", "pg19"])
def test_the_data_are_of_another_major(start: Start, empty: Path, name: str) -> None:
    major = "17" if name == "pg18" else name.removeprefix("pg")
    (empty / name).mkdir()
    (empty / name / "PG_VERSION").write_text(f"{major}\n")
    with pytest.raises(Trouble) as caught:
        Engines(empty).start()
    assert str(caught.value) == (
        f"{empty / name} holds data of PostgreSQL {major}, and this Tandem brings PostgreSQL 18. Dump them with the "
        f"Tandem that wrote them (pg_dump), move {empty / name} away, start again and load the dump; docs/deploy.md "
        "shows how."
    )


def test_the_path_is_too_long_for_a_socket(start: Start, empty: Path) -> None:
    longest = empty / ("d" * (107 - len(str(empty / "run/.s.PGSQL.5432")) - 1))
    longest.mkdir()
    engines = Engines(longest, with_valkey=False)
    engines.start()
    engines.stop()
    too_long = longest.with_name(longest.name + "d")
    too_long.mkdir()
    with pytest.raises(Trouble) as caught:
        Engines(too_long).start()
    assert str(caught.value) == (
        f"The path of this directory is too long for a socket ({too_long}/run/.s.PGSQL.5432 has 108 bytes, 107 are "
        "allowed). Move Tandem to a shorter path, or name a short directory in TANDEM_VAR."
    )


def _disk_full_sentence(directory: Path) -> str:
    return (
        f"The disk that holds {directory} is full (0 MB left). Free some space, or name a directory on another disk in "
        "TANDEM_VAR, then start again: what was stored is kept."
    )


def test_the_disk_is_full_before_the_start(start: Start, empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1000, 1000, 0))
    with pytest.raises(Trouble) as caught:
        Engines(empty).start()
    assert str(caught.value) == _disk_full_sentence(empty)
    assert list(empty.iterdir()) == []


def test_the_disk_fills_during_the_start(
    empty: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(_: object) -> int:
        monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1000, 1000, 0))
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setenv("TANDEM_VAR", str(empty))
    monkeypatch.setattr(supervisor.Supervisor, "run", full)
    monkeypatch.setattr(supervisor.Supervisor, "__init__", lambda *_, **__: None)
    assert supervisor.main([]) == 1
    assert capsys.readouterr().err.strip() == _disk_full_sentence(empty)


def test_the_directory_cannot_be_written(start: Start, empty: Path) -> None:
    (empty / "file").write_text("")
    house = start(empty / "file")
    assert house.end().strip() == (
        f"{empty / 'file'} is no directory that this user may write to. Start Tandem as the user it belongs to, or "
        "name a directory of your own in TANDEM_VAR."
    )
    assert house.process.returncode == 1
