"""The parts the supervisor keeps alive: their commands, and their output line by line."""

import os
import selectors
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence

from clinic.run import processes
from clinic.run.surroundings import BASE_DIR, Surroundings

CHUNK = 65536
LONGEST_LINE = 16384  # bytes; a longer one is shown in pieces


def web(around: Surroundings) -> list[str]:
    """gunicorn. Loaded once before it forks, so that its workers share their memory; see docs/decisions."""
    return [
        *(sys.executable, "-m", "gunicorn", "clinic.wsgi:application", "--preload"),
        *("--bind", around.bind, "--worker-class", "gthread"),
        *("--workers", str(around.web_workers), "--threads", str(around.web_threads)),
        *("--graceful-timeout", "5", "--log-level", "warning"),
        "--no-control-socket",  # else every instance on the machine opens the same file in the home directory
    ]


def worker(around: Surroundings) -> list[str]:
    """The Celery worker."""
    return [
        *(sys.executable, "-W", "ignore:You're running the worker with superuser", "-m", "celery"),
        *("--quiet", "-A", "clinic", "worker", "--concurrency", str(around.task_workers)),
        *("--without-gossip", "--without-mingle", "--loglevel", "WARNING"),
    ]


def beat(around: Surroundings) -> list[str]:
    """Celery beat; its schedule file stands beside the data."""
    schedule = str(around.directory / "beat-schedule")
    return [
        *(sys.executable, "-m", "celery", "--quiet", "-A", "clinic", "beat"),
        *("--schedule", schedule, "--pidfile", "", "--loglevel", "WARNING"),
    ]


class Part:
    """A running child whose lines are shown with its name in front."""

    def __init__(self, name: str, command: Sequence[str], env: Mapping[str, str], keep: Sequence[int]) -> None:
        self.name = name
        self.child = processes.spawn(command, env=env, cwd=BASE_DIR, output=subprocess.PIPE, keep=keep)
        assert self.child.stdout is not None
        os.set_blocking(self.child.stdout.fileno(), False)
        self._rest = b""

    @property
    def output(self) -> int:
        """The file descriptor its lines come from."""
        assert self.child.stdout is not None
        return self.child.stdout.fileno()

    def read(self, show: Callable[[str], None]) -> bool:
        """Show the lines that have come; False once there will be no more."""
        try:
            chunk = os.read(self.output, CHUNK)
        except BlockingIOError:
            return True
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if not chunk or len(self._rest) > LONGEST_LINE:
            lines, self._rest = [*lines, self._rest], b""
        for line in lines:
            text = line.decode(errors="replace").rstrip()
            if text:
                show(f"{self.name:<6} | {text}")
        return bool(chunk)


class Pump:
    """Waits for lines of any part, and for signals, whichever comes first."""

    def __init__(self, show: Callable[[str], None], wakeup: int) -> None:
        self.show = show
        self.selector = selectors.DefaultSelector()
        self.selector.register(wakeup, selectors.EVENT_READ, None)

    def add(self, part: Part) -> None:
        """Show the lines of `part` from now on."""
        self.selector.register(part.output, selectors.EVENT_READ, part)

    def turn(self, seconds: float) -> None:
        """Show what comes within `seconds`; returns after the first batch."""
        for key, _ in self.selector.select(seconds):
            if key.data is None:
                _drain(key.fd)
            elif not key.data.read(self.show):
                self.selector.unregister(key.fd)

    def drop(self, part: Part) -> None:
        """Show the last lines of `part`, which has ended, and forget it."""
        if part.output in self.selector.get_map():
            while part.read(self.show) and _has_more(part.output):
                pass
            self.selector.unregister(part.output)


def _has_more(descriptor: int) -> bool:
    with selectors.DefaultSelector() as look:
        look.register(descriptor, selectors.EVENT_READ)
        return bool(look.select(0))


def _drain(descriptor: int) -> None:
    try:
        while os.read(descriptor, 512):
            pass
    except BlockingIOError:
        pass


def environment(around: Surroundings, engines: Mapping[str, str]) -> dict[str, str]:
    """What every part sees: ours, where the engines are, and lines that come at once."""
    return {
        "SITE_URL": around.public_url,
        **os.environ,
        **engines,
        "DJANGO_SETTINGS_MODULE": "clinic.settings",
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(BASE_DIR), os.environ.get("PYTHONPATH", "")])),
    }
