"""PostgreSQL and Valkey together in one directory, for `make run` and for the tests."""

import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from clinic.run import account, postgres, valkey
from clinic.run.trouble import Trouble, check_space

SOCKET_LIMIT = 107  # bytes of a socket's path that the kernel takes (sun_path)
SPACE_FIRST = 500  # MB for a new cluster and the demo practice
SPACE_LATER = 100  # MB to go on with


def _never() -> bool:
    return False


class Engines:
    """The engines of one directory: data in `pg18/`, sockets in `run/` (0700), logs in `log/`.

    `stop` is asked while waiting; when it answers true, `start` returns at once. `keep` are file descriptors that the
    engines inherit (the lock, so that it is held as long as anything runs).
    """

    def __init__(
        self,
        directory: Path,
        *,
        with_postgres: bool = True,
        with_valkey: bool = True,
        settings: Sequence[str] = (),
        keep: Sequence[int] = (),
        stop: Callable[[], bool] = _never,
    ) -> None:
        self.directory = directory
        self.keep = keep
        self.asked_to_stop = stop
        sockets, logs = directory / "run", directory / "log"
        self.postgres: postgres.Postgres | None = None
        self.valkey: valkey.Valkey | None = None
        if with_postgres:
            data = directory / f"pg{postgres.MAJOR}"
            self.postgres = postgres.Postgres(data, sockets, logs / "postgres.log", settings=settings)
        if with_valkey:
            self.valkey = valkey.Valkey(sockets, logs / "valkey.log")

    @property
    def running(self) -> dict[str, subprocess.Popen[bytes]]:
        """The processes by the name a person knows them by."""
        pairs = [("PostgreSQL", self.postgres), ("Valkey", self.valkey)]
        return {name: engine.child for name, engine in pairs if engine and engine.child}

    @property
    def is_new(self) -> bool:
        """Whether PostgreSQL would have to make its data directory first."""
        return bool(self.postgres) and not (self.directory / f"pg{postgres.MAJOR}" / "PG_VERSION").exists()

    def start(self) -> None:
        """Start what this directory should run and wait until it answers. Raises `Trouble`."""
        if not (self.postgres or self.valkey):
            return
        self._check_socket_paths()
        check_space(self.directory, SPACE_FIRST if self.is_new else SPACE_LATER)
        sockets, logs = self.directory / "run", self.directory / "log"
        binary = postgres.binaries() / "postgres" if self.postgres else valkey.binary()
        who = account.choose(binary, self.directory)
        logs.mkdir(exist_ok=True)
        sockets.mkdir(mode=0o700, exist_ok=True)
        sockets.chmod(0o700)
        account.hand_over(sockets, who)
        if self.postgres:
            self.postgres.prepare(who)
            self.postgres.start(who, keep=self.keep, stop=self.asked_to_stop)
        if self.valkey and not self.asked_to_stop():
            self.valkey.start(who, keep=self.keep, stop=self.asked_to_stop)

    def stop(self) -> None:
        """Stop Valkey, then PostgreSQL."""
        for engine in (self.valkey, self.postgres):
            if engine:
                engine.stop()

    def _check_socket_paths(self) -> None:
        longest = max(postgres.SOCKET_NAME, valkey.SOCKET_NAME, key=len)
        path = self.directory / "run" / longest
        if len(os.fsencode(path)) > SOCKET_LIMIT:
            raise Trouble(
                f"The path of this directory is too long for a socket ({path} has {len(os.fsencode(path))} bytes, "
                f"{SOCKET_LIMIT} are allowed). Move Tandem to a shorter path, or name a short directory in TANDEM_VAR."
            )
