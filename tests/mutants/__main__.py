"""`make mutants`: seed each fault alone in a copy of the tree and see that its tests fail.

Names of faults as arguments: only those.
Exits with 1 if a fault survives, if it cannot be seeded any more, or if the tests fail without any.
"""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.engines import ROOT, Run
from tests.mutants.fault import Fault
from tests.mutants.faults import FAULTS

LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "var", "docs", ".mypy_cache", ".ruff_cache", ".pytest_cache")
SECONDS = 300  # a fault that makes a test go on for ever is noticed, too
UNUSED = ("-p", "no:faker", "-p", "no:playwright", "-p", "no:base_url")  # plugins that take longer than a test
FAILED, PASSED = 1, 0
FAILURE = re.compile(r"^(?:FAILED|ERROR) (?:tests/medications/)?(\S+)", re.MULTILINE)


def main(names: Sequence[str]) -> int:
    """Seed the faults of these names (all of them, without any); the exit code."""
    chosen = [one for one in FAULTS if not names or one.name in names]
    trouble = [found for one in chosen if (found := one.trouble(ROOT))]
    trouble += [f"There is no fault “{name}”." for name in names if name not in {one.name for one in FAULTS}]
    if trouble:
        print("\n".join(trouble))
        return 1
    with _engines(), _copy() as tree:
        print(f"{len(chosen)} faults. First without any: every test that is to notice one has to pass.", flush=True)
        code, said, seconds = _test(tree, sorted({test for one in chosen for test in one.ids()}), first=False)
        if code != PASSED:
            print(said)
            return 1
        print(f"They pass ({seconds:.0f} s).\n\n{'fault':58} {'seconds':>7}  caught by", flush=True)
        survived = [one for one in chosen if not _caught(one, tree)]
    for one in survived:
        print(f"\nSURVIVED: {one.name} ({one.file}). {one.why}")
    print(f"\n{len(chosen) - len(survived)} of {len(chosen)} faults were caught.")
    return 1 if survived else 0


def _caught(fault: Fault, tree: Path) -> bool:
    """Seed it, test, mend; one line of the table. A fault that stops Python from reading the file is none."""
    with fault.seeded(tree):
        code, said, seconds = _test(tree, fault.ids(), first=True)
    found = FAILURE.search(said)
    caught = code == FAILED and found is not None
    by = found[1] if caught and found else "NOTHING" if code == PASSED else f"pytest ended with {code}: {said[-300:]}"
    print(f"{fault.name:58} {seconds:7.1f}  {by}", flush=True)
    return caught


def _test(tree: Path, tests: Sequence[str], *, first: bool) -> tuple[int, str, float]:
    """Run these tests in the tree: pytest's exit code, what it said, seconds. `first`: until one fails."""
    command = [sys.executable, "-m", "pytest", "-q", "--tb=line", "-p", "no:cacheprovider", *UNUSED]
    started = time.perf_counter()
    try:
        done = subprocess.run(
            [*command, *(["-x"] if first else []), *tests], cwd=tree, capture_output=True, text=True, check=False,
            timeout=SECONDS * (1 if first else 10), env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return FAILED, f"FAILED {tests[0]} (it went on for {SECONDS} s)", time.perf_counter() - started
    return done.returncode, done.stdout + done.stderr, time.perf_counter() - started


@contextlib.contextmanager
def _engines() -> Iterator[None]:
    """One PostgreSQL and one Valkey for all runs: tests.engines takes those that the environment names."""
    run = Run()
    run.start()
    try:
        yield
    finally:
        run.stop()


@contextlib.contextmanager
def _copy() -> Iterator[Path]:
    """A copy of the tree, gone afterwards; the tree itself is never touched."""
    with tempfile.TemporaryDirectory(prefix="tandem-mutants-") as directory:
        tree = Path(directory) / "tree"
        shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
        yield tree


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
