"""What a seeded fault is."""

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

HOUSE = "medications"
TESTS = "tests/medications"


@dataclass(frozen=True)
class Fault:
    """One thing that somebody might break in medications/, and the tests that have to fail then.

    `file` lies in medications/, `tests` (files, or ids) in tests/medications/. `old` stands in the file exactly once.
    """

    name: str
    file: str
    old: str
    new: str
    tests: Sequence[str]
    why: str

    def path(self, root: Path) -> Path:
        """Where it is seeded in the tree at `root`."""
        return root / HOUSE / self.file

    def ids(self) -> list[str]:
        """The tests as pytest names them."""
        return [f"{TESTS}/{one}" for one in self.tests]

    def trouble(self, root: Path) -> str:
        """Why it cannot be seeded in the tree at `root`, in a sentence; "" if it can."""
        path = self.path(root)
        if not path.is_file():
            return f"{self.name}: there is no {HOUSE}/{self.file} any more."
        count = path.read_text().count(self.old)
        if count != 1:
            return f"{self.name}: its old text stands {count} times in {HOUSE}/{self.file}, not once."
        if self.old == self.new:
            return f"{self.name}: it changes nothing."
        missing = [one for one in self.ids() if not _stands(root, one)]
        return f"{self.name}: there is no test {missing[0]}." if missing else ""

    @contextlib.contextmanager
    def seeded(self, root: Path) -> Iterator[None]:
        """Written into the tree at `root`; mended afterwards, with the file's time, by which Python knows it."""
        path = self.path(root)
        text, when = path.read_text(), path.stat()
        path.write_text(text.replace(self.old, self.new))
        try:
            yield
        finally:
            path.write_text(text)
            os.utime(path, ns=(when.st_atime_ns, when.st_mtime_ns))


def _stands(root: Path, test: str) -> bool:
    file, _, name = test.partition("::")
    path = root / file
    return path.is_file() and (not name or f"def {name.split('[')[0]}(" in path.read_text())
