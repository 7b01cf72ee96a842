"""A Tandem in a directory of its own, started and watched from outside as a person would."""

import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import psutil

ROOT = Path(__file__).resolve().parents[3]
START_SECONDS = 120  # what a very busy machine may need
READY = "Ctrl-C stops it"
SUPERVISOR = (sys.executable, "-m", "clinic.run", "--parent", str(os.getpid()))


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class House:
    """One run of the supervisor: its lines, its processes, its end."""

    def __init__(self, directory: Path, *, command: Sequence[str] = SUPERVISOR, **env: str) -> None:
        without = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
        self.port = int(env.get("PORT") or free_port())
        self.env = {**without, "TANDEM_VAR": str(directory), "PORT": str(self.port), "TANDEM_ENV": "test", **env}
        self.directory = directory
        self.lines: list[str] = []
        self._coming: queue.Queue[str | None] = queue.Queue()
        self._ended = False  # its last line has come
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=self.env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._coming.put(line.rstrip())
        self._coming.put(None)

    def until(self, words: str) -> str:
        """Wait for a line that holds `words`; fails with all lines if the run ends before."""
        while True:
            line = self._coming.get(timeout=START_SECONDS)
            if line is None:
                self._ended = True
                raise AssertionError(f"ended before {words!r}:\n" + "\n".join(self.lines))
            self.lines.append(line)
            if words in line:
                return line

    def ready(self) -> "House":
        """Wait until the web server answers."""
        self.until(READY)
        return self

    def processes(self) -> list[psutil.Process]:
        """Everything that belongs to this run, the supervisor first."""
        supervisor = psutil.Process(self.process.pid)
        return [supervisor, *supervisor.children(recursive=True)]

    def part(self, words: str) -> psutil.Process:
        """The supervisor's direct child whose command line holds `words`."""
        children = psutil.Process(self.process.pid).children()
        found = [child for child in children if words in " ".join(child.cmdline())]
        assert len(found) == 1, (words, [child.cmdline() for child in children])
        return found[0]

    def end(self) -> str:
        """Wait for the end; all that was said after the last line waited for."""
        said: list[str] = []
        while not self._ended and (line := self._coming.get(timeout=START_SECONDS)) is not None:
            said.append(line)
        self._ended = True
        self.lines += said
        self.process.wait(START_SECONDS)
        return "\n".join(said)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop and wait; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        self.end()
        return self.process.returncode


class Start(Protocol):
    """What the fixture `start` gives: `House`, but stopped at the end of the test in any case."""

    def __call__(self, directory: Path, *, command: Sequence[str] = SUPERVISOR, **env: str) -> House: ...


def left_of(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Which of `processes` do not end."""
    _, alive = psutil.wait_procs(processes, timeout=START_SECONDS)
    return list(alive)
