"""One Tandem per directory. The kernel keeps the locks, so a killed one never leaves any behind."""

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path

from clinic.run.trouble import Trouble

LAST_RUN_ENDS = 20.0  # seconds for what a killed supervisor left to stop by itself
LOOK_AGAIN = 0.1


class Lock:
    """An exclusive hold on a directory: `lock` is the supervisor's own, `lock.children` is shared with every child.

    The first says at once that another Tandem runs here. The second is free only when the last child is gone too, so
    that a start right after a kill waits until the old PostgreSQL has written its data, and never meets it.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._own = -1
        self.descriptor = -1  # what children inherit

    def take(self, *, say: Callable[[str], None], stop: Callable[[], bool]) -> None:
        """Take both. Raises `Trouble` if another Tandem runs in the directory; returns early on `stop()`."""
        self._own = _open(self.directory / "lock")
        if not _try(self._own):
            holder = os.pread(self._own, 32, 0).decode(errors="replace").strip()
            raise Trouble(
                f"Tandem already runs in {self.directory} (process {holder}). Stop that one first, or give this "
                "one a directory and a port of its own: make run TANDEM_VAR=var2 PORT=8001."
            )
        os.ftruncate(self._own, 0)
        os.pwrite(self._own, f"{os.getpid()}\n".encode(), 0)
        self.descriptor = _open(self.directory / "lock.children")
        self._wait_for_children(say, stop)

    def _wait_for_children(self, say: Callable[[str], None], stop: Callable[[], bool]) -> None:
        until = time.monotonic() + LAST_RUN_ENDS
        told = False
        while not _try(self.descriptor) and not stop():
            if time.monotonic() > until:
                raise Trouble(
                    f"The last Tandem in {self.directory} is gone, but something it started still runs and holds "
                    f"{self.directory / 'lock.children'}. End it (fuser names it), then start again."
                )
            if not told:
                say("Waiting for the last run to stop.")
                told = True
            time.sleep(LOOK_AGAIN)

    def release(self) -> None:
        """Let go of both."""
        for descriptor in (self.descriptor, self._own):
            if descriptor >= 0:
                os.close(descriptor)
        self.descriptor = self._own = -1


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
