"""What the supervisor reads from the environment (and `.env`): where, on which port, with which engines."""

import errno
import os
import socket
from dataclasses import dataclass
from pathlib import Path

import environ

from clinic.run.trouble import Trouble

BASE_DIR = Path(__file__).resolve().parent.parent.parent
ENV_FILE = BASE_DIR / ".env"


@dataclass(frozen=True)
class Surroundings:
    """One start's choices; docs/settings.md documents every variable."""

    directory: Path  # data, sockets, logs, lock
    host: str
    port: int
    web_workers: int
    web_threads: int
    task_workers: int
    database_url: str  # empty: PostgreSQL embedded
    redis_url: str  # empty: Valkey embedded
    environment: str  # TANDEM_ENV

    @property
    def public_url(self) -> str:
        """What a person types. localhost rather than 127.0.0.1: browsers allow passkeys on that name only."""
        name = "localhost" if self.host in ("127.0.0.1", "0.0.0.0", "localhost", "::1", "::") else self.host
        return f"http://{name}:{self.port}"

    @property
    def near_address(self) -> tuple[str, int]:
        """Where the supervisor itself reaches the web server."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host), self.port

    @property
    def bind(self) -> str:
        """The address as gunicorn reads it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def read() -> Surroundings:
    """Read the environment, filled up from `.env`. Raises `Trouble` with the variable's name if one makes no sense."""
    if ENV_FILE.is_file():
        environ.Env.read_env(ENV_FILE)
    return Surroundings(
        directory=(BASE_DIR / os.environ.get("TANDEM_VAR", "var")).resolve(),
        host=os.environ.get("HOST", "127.0.0.1"),
        port=_number("PORT", 8000, 1, 65535),
        web_workers=_number("WEB_WORKERS", 2, 1, 64),
        web_threads=_number("WEB_THREADS", 4, 1, 64),
        task_workers=_number("TASK_WORKERS", 2, 1, 64),
        database_url=os.environ.get("DATABASE_URL", ""),
        redis_url=os.environ.get("REDIS_URL", ""),
        environment=os.environ.get("TANDEM_ENV", "demo"),
    )


def _number(name: str, otherwise: int, least: int, most: int) -> int:
    text = os.environ.get(name, "") or str(otherwise)
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise Trouble(f"{name} is {text!r}; it must be a whole number from {least} to {most}.")
    return int(text)


def check_port(around: Surroundings) -> None:
    """Raise `Trouble` if the web server could not listen on the host and port."""
    family = socket.AF_INET6 if ":" in around.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((around.host, around.port))
        except PermissionError:
            raise Trouble(
                f"Port {around.port} is for the system's own services. Choose one from 1024, for example: "
                "make run PORT=8001."
            ) from None
        except socket.gaierror:
            raise Trouble(f"HOST is {around.host!r}, which is no address of this machine.") from None
        except OSError as error:
            raise Trouble(_why_no_port(around, error)) from None


def _why_no_port(around: Surroundings, error: OSError) -> str:
    if error.errno == errno.EADDRNOTAVAIL:
        return f"HOST is {around.host!r}, which is no address of this machine."
    return (
        f"Port {around.port} is in use by another program. End that program, or choose another port, for example: "
        f"make run PORT={around.port + 1 if around.port < 65535 else 8000}."
    )
