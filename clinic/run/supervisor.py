"""Starts the engines and the parts, shows their lines, and stops all of them when one ends or somebody says so."""

import argparse
import http.client
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType

from clinic.run import parts, processes, surroundings
from clinic.run.engines import Engines
from clinic.run.lock import Lock
from clinic.run.parts import Part, Pump
from clinic.run.surroundings import Surroundings
from clinic.run.trouble import NO_SPACE, Trouble, check_space, disk_full

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
TICK = 1.0  # seconds between two looks at a parent whose end sends no signal
PATIENCE = 12.0  # seconds for the parts to finish what they do before they are ended
FIRST_PAGE_SECONDS = 60.0
LEAST_SPACE = 20  # MB; with less left, a part that ended most likely ended of that


def say(line: str) -> None:
    """One line for the person at the keyboard; a closed terminal is no reason to fail."""
    with suppress(OSError):
        print(line, flush=True)


class Supervisor:
    """One run. `parent` is the process whose end ends us too (make), 0 for none."""

    def __init__(self, around: Surroundings, *, parent: int = 0) -> None:
        self.around = around
        self.parent = parent
        self.asked = 0  # how often somebody asked us to stop
        self.parts: list[Part] = []
        self.lock = Lock(around.directory)
        self.engines: Engines | None = None
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        os.set_blocking(writing, False)
        self.pump = Pump(say, reading)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        for number in STOPPING:
            signal.signal(number, self._on_signal)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.asked += 1

    def stopping(self) -> bool:
        """Whether somebody asked us to stop, or our parent is gone."""
        if not self.asked and self.parent and os.getppid() != self.parent:
            self.asked = 1
        return bool(self.asked)

    def run(self) -> int:
        """Everything from the first check to the last process gone. Raises `Trouble`."""
        surroundings.check_port(self.around)
        try:
            self._hold()
            self._start_engines()
            self._prepare()
            self._start_parts()
            self._wait_for_page()
            self._welcome()
            self._watch()
        finally:
            self._stop()
        return 0

    def _hold(self) -> None:
        directory = self.around.directory
        try:
            directory.mkdir(parents=True, exist_ok=True)
            self.lock.take(say=say, stop=self.stopping)
        except (PermissionError, FileExistsError, NotADirectoryError):
            raise Trouble(
                f"{directory} is no directory that this user may write to. Start Tandem as the user it belongs to, or "
                "name a directory of your own in TANDEM_VAR."
            ) from None

    def _start_engines(self) -> None:
        if self.stopping():
            return
        around = self.around
        engines = Engines(
            around.directory,
            with_postgres=not around.database_url,
            with_valkey=not around.redis_url,
            keep=[self.lock.descriptor],
            stop=self.stopping,
        )
        self.engines = engines
        say("Making the database (the first start only)." if engines.is_new else "Starting.")
        engines.start()
        if engines.postgres and not self.stopping():
            engines.postgres.ensure_database()

    def _env(self) -> dict[str, str]:
        urls: dict[str, str] = {}
        if self.engines and self.engines.postgres:
            urls["DATABASE_URL"] = self.engines.postgres.url()
        if self.engines and self.engines.valkey:
            urls["REDIS_URL"] = self.engines.valkey.url()
        return parts.environment(self.around, urls)

    def _begin(self, name: str, command: Sequence[str]) -> Part:
        part = Part(name, command, self._env(), [self.lock.descriptor])
        self.parts.append(part)
        self.pump.add(part)
        return part

    def _prepare(self) -> None:
        """Migrations and the demo, in a child that ends and gives its memory back."""
        if self.stopping():
            return
        self._signins().unlink(missing_ok=True)
        part = self._begin("setup", [sys.executable, "-m", "clinic.run.prepare", str(self._signins())])
        while part.child.poll() is None and not self.stopping():
            self.pump.turn(TICK)
        if self.stopping():
            return
        self.pump.drop(part)
        self.parts.remove(part)
        if part.child.returncode:
            self._blame_the_disk()
            raise Trouble("Tandem could not be set up; the last line above says why.")

    def _signins(self) -> Path:
        return self.around.directory / "signins"

    def _start_parts(self) -> None:
        for name, command in (("web", parts.web), ("worker", parts.worker), ("beat", parts.beat)):
            if not self.stopping():
                self._begin(name, command(self.around))

    def _wait_for_page(self) -> None:
        until = time.monotonic() + FIRST_PAGE_SECONDS
        while not self.stopping() and not self._page_answers():
            self.pump.turn(0.1)
            self._check_all_alive()
            if time.monotonic() > until:
                raise Trouble(f"The web server did not answer within {FIRST_PAGE_SECONDS:.0f} s; its lines are above.")

    def _page_answers(self) -> bool:
        """Whether the first page comes, whatever it says."""
        line = http.client.HTTPConnection(*self.around.near_address, timeout=5)
        try:
            line.request("GET", "/", headers={"Host": f"localhost:{self.around.port}"})
            line.getresponse().read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            line.close()
        return True

    def _welcome(self) -> None:
        if self.stopping():
            return
        say("")
        say(f"Tandem is at {self.around.public_url}")
        if self._signins().exists():
            say(self._signins().read_text().rstrip())
        say("Ctrl-C stops it; the data stay.")
        say("")

    def _watch(self) -> None:
        while not self.stopping():
            self._check_all_alive()
            self.pump.turn(TICK)

    def _check_all_alive(self) -> None:
        """Raise `Trouble` if a part or an engine has ended by itself."""
        for part in self.parts:
            code = part.child.poll()
            if code is not None and not self.stopping():
                self.pump.drop(part)
                self._blame_the_disk()
                raise Trouble(f"The part {part.name} ended ({_how(code)}), so everything stops; its lines are above.")
        for name, child in self.engines.running.items() if self.engines else ():
            code = child.poll()
            if code is not None and not self.stopping():
                self._blame_the_disk()
                logs = self.around.directory / "log"
                raise Trouble(f"{name} ended ({_how(code)}), so everything stops; {logs} says why.")

    def _blame_the_disk(self) -> None:
        """Raise the sentence about a full disk if that is what is behind an end."""
        check_space(self.around.directory, LEAST_SPACE)

    def _stop(self) -> None:
        """Web, worker and beat together; then Valkey, then PostgreSQL. A second Ctrl-C ends the parts at once."""
        if self.parts and self.asked:
            say("Stopping.")
        for part in self.parts:
            processes.ask(part.child)
        until = time.monotonic() + PATIENCE
        asked = self.asked
        while any(part.child.poll() is None for part in self.parts):
            if time.monotonic() > until or self.asked > max(asked, 1):
                break
            self.pump.turn(0.1)
        for part in self.parts:
            processes.end(part.child)
            self.pump.drop(part)
        if self.engines:
            self.engines.stop()
        self.lock.release()


def _how(code: int) -> str:
    """An exit code in words."""
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until stopped. 0: somebody stopped it; 1: it could not start or go on, a sentence on stderr says why."""
    parser = argparse.ArgumentParser(prog="python -m clinic.run", description="Run Tandem.")
    parser.add_argument("--parent", type=int, default=0, metavar="PID", help="end when this parent process ends")
    options = parser.parse_args(arguments)
    directory = surroundings.BASE_DIR
    try:
        around = surroundings.read()
        directory = around.directory
        return Supervisor(around, parent=options.parent).run()
    except Trouble as trouble:
        sentence = str(trouble)
    except OSError as error:
        sentence = f"Tandem could not go on: {error.strerror} ({error.filename})."
        if error.errno in NO_SPACE:
            sentence = str(disk_full(directory))
    print(f"\n{sentence}", file=sys.stderr, flush=True)
    return 1
