"""One Tandem per directory. The kernel keeps the lock, so a killed one never leaves it behind."""

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path

from clinic.run.trouble import Trouble

LAST_RUN_ENDS = 20.0  # seconds for what a killed supervisor left to stop by itself
LOOK_AGAIN = 0.1


class Lock:
    """An exclusive hold on a directory, shared with every child through `descriptor`.

    Because the children hold it too, it is free only when the last of them is gone: a start right after a kill waits
    until the old PostgreSQL has written its data, and never meets it.
    """

    def __init__(self, directory: Path) -> None:
        self.path = directory / "lock"
        self.descriptor = -1

    def take(self, *, say: Callable[[str], None], stop: Callable[[], bool]) -> None:
        """Take the lock. Raises `Trouble` if another Tandem runs in the directory."""
        self.descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        until = time.monotonic() + LAST_RUN_ENDS
        told = False
        while not self._try():
            holder = self._holder()
            if holder and _is_alive(holder):
                raise Trouble(
                    f"Tandem already runs in {self.path.parent} (process {holder}). Stop that one first, or give this "
                    "one a directory and a port of its own: make run TANDEM_VAR=var2 PORT=8001."
                )
            if stop():
                return
            if time.monotonic() > until:
                raise Trouble(
                    f"The last Tandem in {self.path.parent} (process {holder}) is gone, but something it started still "
                    f"runs and holds {self.path}. End it, then start again."
                )
            if not told:
                say("Waiting for the last run to stop.")
                told = True
            time.sleep(LOOK_AGAIN)
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, f"{os.getpid()}\n".encode(), 0)

    def _try(self) -> bool:
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _holder(self) -> int:
        """The process number the holder wrote, 0 if it has written none yet."""
        text = os.pread(self.descriptor, 32, 0).decode(errors="replace").strip()
        return int(text) if text.isdigit() else 0

    def release(self) -> None:
        """Let go; the kernel frees the lock once no child holds it either."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
