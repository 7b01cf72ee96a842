"""As whom the engines run. PostgreSQL refuses to run as root, so root lends them another account."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from clinic.run.trouble import Trouble

# With this in front, root is an ordinary user inside the child; the files stay root's.
OWN_NAMESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000")


@dataclass(frozen=True)
class Account:
    """An account for a child: ours as it is, another one by number, or ours under a `prefix`."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None

    @property
    def owner(self) -> tuple[int, int]:
        """Whose the files must be: (user, group)."""
        if self.uid is None or self.gid is None:
            return os.geteuid(), os.getegid()
        return self.uid, self.gid


def choose(binary: Path, home: Path) -> Account:
    """The account that can run `binary` and reach the directory `home`: ours, or for root nobody's.

    Raises `Trouble` where root can lend none.
    """
    if os.geteuid() != 0:
        return Account()
    nobody = _nobody()
    if _can(nobody, [str(binary), "--version"]) and _can(nobody, ["test", "-x", str(home)]):
        return nobody
    inside = Account(prefix=OWN_NAMESPACE)
    if shutil.which(OWN_NAMESPACE[0]) and _can(inside, [str(binary), "--version"]):
        return inside
    raise Trouble(
        f"PostgreSQL does not run as root, and the account nobody cannot reach {home}. Start Tandem as an ordinary "
        "user, move it to a directory that everybody may enter, or name a PostgreSQL server in DATABASE_URL."
    )


def hand_over(path: Path, account: Account) -> None:
    """Make `path` and all below it belong to `account`.

    Raises `Trouble` if it belongs to somebody else and we are not root.
    """
    uid, gid = account.owner
    if path.stat().st_uid == uid:
        return
    if os.geteuid() != 0:
        raise Trouble(
            f"{path} belongs to another user. Start Tandem as that user, or name a directory of your own in TANDEM_VAR."
        )
    for directory, _, files in os.walk(path, topdown=False):
        for name in files:
            os.chown(Path(directory) / name, uid, gid, follow_symlinks=False)
        os.chown(directory, uid, gid)


def _nobody() -> Account:
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return Account(uid=65534, gid=65534)
    return Account(uid=entry.pw_uid, gid=entry.pw_gid)


def _can(account: Account, command: list[str]) -> bool:
    """Whether `account` can run `command` and it ends well."""
    try:
        return not subprocess.run(
            [*account.prefix, *command],
            user=account.uid,
            group=account.gid,
            extra_groups=[] if account.uid is not None else None,
            cwd="/",
            capture_output=True,
            check=False,
        ).returncode
    except OSError:
        return False
