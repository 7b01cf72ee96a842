"""Which browser the tests drive. `python -m tests.browser` makes sure that there is one.

In this order: the one named by TANDEM_BROWSER, a Chromium or Chrome that is installed, Playwright's own download,
and, as root on Debian and its kin, the distribution's package. None of them: one sentence, and the run stops.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ON_A_MAC = (
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
)
# Nothing but our own pages: no background traffic, and no sandbox, which root may not use.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
NONE = (
    "There is no browser for the browser tests, and none could be fetched. Install Chromium or Chrome (on Debian: "
    "apt-get install chromium), or name one in TANDEM_BROWSER, then run make test again."
)


def find() -> str | None:
    """The path of a browser that starts, or None."""
    named = os.environ.get("TANDEM_BROWSER")
    candidates = [named] if named else [*_installed(), *_downloaded()]
    return next((path for path in candidates if _starts(path)), None)


def _installed() -> list[str]:
    found = [path for name in NAMES if (path := shutil.which(name))]
    return found + [str(path) for path in ON_A_MAC if path.exists()]


def _downloaded() -> list[str]:
    """Playwright's own Chromium, where it keeps it (PLAYWRIGHT_BROWSERS_PATH is its variable)."""
    default = "Library/Caches/ms-playwright" if sys.platform == "darwin" else ".cache/ms-playwright"
    home = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / default)
    patterns = ("chromium_headless_shell-*/*/*headless*shell", "chromium-*/chrome-*/chrome", "chromium-*/*/*/*/MacOS/*")
    return [str(path) for pattern in patterns for path in sorted(home.glob(pattern), reverse=True)]


def _starts(path: str) -> bool:
    """Whether the browser starts at all; a download may lack the system's libraries."""
    try:
        return not subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False).returncode
    except (OSError, subprocess.TimeoutExpired):
        return False


def _try(*command: str) -> bool:
    try:
        return not subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode
    except OSError:
        return False


def fetch() -> None:
    """Try Playwright's download, then as root the distribution's package, until a browser starts."""
    print("There is no browser yet: fetching Playwright's (once, about 200 MB).", flush=True)
    if _try(sys.executable, "-m", "playwright", "install", "chromium") and find():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("That did not work: installing Debian's chromium (once, about 300 MB).", flush=True)
        _try("apt-get", "update", "-q")
        _try("apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium")


def main() -> int:
    """0 if a browser is there or could be fetched, else 1 and a sentence."""
    if not find() and not os.environ.get("TANDEM_BROWSER"):
        fetch()
    path = find()
    if not path:
        print(NONE, file=sys.stderr)
        return 1
    print(f"Browser: {path}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
