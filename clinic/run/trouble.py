"""What a start refuses with: one sentence that says what is wrong and what to do."""

import errno
import shutil
from pathlib import Path

NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
MEGABYTE = 1_000_000


class Trouble(Exception):
    """The start cannot go on; `str()` is the whole message for the person at the keyboard, no trace follows."""


def disk_full(directory: Path) -> Trouble:
    """The sentence for a disk without room for `directory`."""
    free = shutil.disk_usage(_existing(directory)).free // MEGABYTE
    return Trouble(
        f"The disk that holds {directory} is full ({free} MB left). Free some space, or name a directory on another "
        "disk in TANDEM_VAR, then start again: what was stored is kept."
    )


def check_space(directory: Path, megabytes: int) -> None:
    """Raise `Trouble` unless the disk of `directory` (which need not exist yet) has `megabytes` MB free."""
    if shutil.disk_usage(_existing(directory)).free < megabytes * MEGABYTE:
        raise disk_full(directory)


def _existing(path: Path) -> Path:
    """`path`, or its nearest ancestor that exists."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path
