"""Starting a child so that it can never outlive us, waiting for it, and stopping it."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from clinic.run.account import Account

PR_SET_PDEATHSIG = 1  # linux/prctl.h
LOOK_AGAIN = 0.01  # seconds between two looks at something that is about to happen

Output = int | IO[bytes] | None


def spawn(
    command: Sequence[str],
    *,
    account: Account | None = None,
    env: Mapping[str, str] | None = None,
    cwd: str | Path = "/",
    output: Output = None,
    errors: Output = subprocess.STDOUT,
    death: signal.Signals = signal.SIGTERM,
    keep: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start `command` in a process group of its own; on Linux it gets `death` the moment we are gone.

    The own group keeps Ctrl-C from the child, so that we alone decide in which order things stop. `keep` are file
    descriptors it inherits. Call from the main thread only: the kernel watches the thread that started the child.
    """
    account = account or Account()
    return subprocess.Popen(
        [*account.prefix, *command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=errors,
        env=env,
        cwd=cwd,
        user=account.uid,
        group=account.gid,
        extra_groups=[] if account.uid is not None else None,
        process_group=0,
        pass_fds=keep,
        preexec_fn=tied_to_parent(death),
    )


def tied_to_parent(death: signal.Signals) -> Callable[[], None] | None:
    """What the child runs before its program: ask the kernel for `death` when the parent ends. Linux only."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def tie() -> None:
        prctl(PR_SET_PDEATHSIG, int(death))
        if os.getppid() != parent:  # it ended before we asked
            os._exit(1)

    return tie


def wait_until(
    happened: Callable[[], bool], child: subprocess.Popen[bytes], *, seconds: float, stop: Callable[[], bool]
) -> bool:
    """True once `happened()`; False when `child` ended, `stop()` became true or `seconds` passed before."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if happened():
            return True
        if child.poll() is not None or stop():
            return False
        time.sleep(LOOK_AGAIN)
    return False


def ask(child: subprocess.Popen[bytes], how: signal.Signals = signal.SIGTERM) -> None:
    """Ask `child` to end; nothing happens if it already has."""
    if child.poll() is None:
        child.send_signal(how)


def end(child: subprocess.Popen[bytes]) -> None:
    """End what is left of `child` and of everything it started."""
    # Nothing may be left; macOS says "not permitted" of a group of zombies.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def stop_now(child: subprocess.Popen[bytes], how: signal.Signals = signal.SIGTERM, seconds: float = 10) -> None:
    """Ask `child` to end, wait at most `seconds`, then end it with all it started."""
    ask(child, how)
    with suppress(subprocess.TimeoutExpired):
        child.wait(seconds)
    end(child)
