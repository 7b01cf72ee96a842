"""How a prescription leaves: an interface, and the back end that needs no network, which says so on screen.

A back end for an e-prescribing network implements the same (docs/decisions/0005-the-way-to-the-pharmacy.md names the
NCPDP SCRIPT messages on both sides). Nothing here pretends to be one.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from clinic import clock
from clinic.outbox.results import Undeliverable, Unreachable
from medications.pharmacies import content, document, script
from medications.pharmacies.models import Cancellation, RenewalAnswer, Transmission


@dataclass(frozen=True)
class Receipt:
    """What the other side says: how it went ("printed"), and its number, if it gives one."""

    how: str
    reference: str = ""


@dataclass(frozen=True)
class Received:
    """A message as it came: the name under which it lies, its content; None: it is too large, or no plain file."""

    name: str
    content: bytes | None


class BackEnd(Protocol):
    """Takes prescriptions to pharmacies. Called outside any transaction; the same row twice arrives once.

    Raises `Undeliverable` where trying again would not help, `Unreachable` where it would; neither names a person.
    """

    connected: bool  # to a network that tells fills and answers by itself
    words: str  # what pages say about it
    inbound_words: str  # the same of what pharmacies send

    def send(self, row: Transmission) -> Receipt:
        """A new prescription (SCRIPT NewRx)."""
        ...

    def cancel(self, row: Cancellation) -> Receipt:
        """What was sent is discontinued (SCRIPT CancelRx)."""
        ...

    def answer(self, row: RenewalAnswer) -> Receipt:
        """What a pharmacy is told that asked (RxRenewalResponse). Over a network an approval is the prescription."""
        ...

    def waiting(self) -> Iterable[Received]:
        """What pharmacies have sent, the oldest first."""
        ...

    def put_aside(self, found: Received) -> None:
        """It is taken in; another worker may have put it aside."""
        ...


class FileAndPrinter:
    """Writes the document into PRESCRIPTION_FILES, from where it is printed or faxed. It reaches no pharmacy itself."""

    connected = False
    words = (
        "Tandem is not connected to an e-prescribing network: this prescription is printed, to be faxed or handed over."
    )
    inbound_words = (
        "Tandem is not connected to an e-prescribing network: messages of pharmacies are read from a folder, and "
        "answers are written to one."
    )

    def send(self, row: Transmission) -> Receipt:
        """One file a transmission: written again, it is the same."""
        if row.pharmacy is not None and row.pharmacy.closed_at is not None:
            raise Undeliverable("The pharmacy is no longer in use.")
        return self._write(row, f"{row.pk}")

    def cancel(self, row: Cancellation) -> Receipt:
        """A notice that names what is discontinued."""
        return self._write(row.transmission, f"{row.transmission_id}-discontinued", cancels=True)

    def answer(self, row: RenewalAnswer) -> Receipt:
        """The response as a file beside the documents; it says so, and reaches no pharmacy itself."""
        _kept(f"{row.pk}-renewal-response.xml", content.renewal_response(row))
        return Receipt("written to a file")

    def waiting(self) -> Iterator[Received]:
        """The XML files of PRESCRIPTION_INBOX, by name: whoever moves them there writes them whole first."""
        folder = Path(settings.PRESCRIPTION_INBOX)
        for path in sorted(folder.glob("*.xml")) if folder.is_dir() else ():
            try:
                found = Received(path.name, _opened(path))
            except FileNotFoundError:
                continue  # another worker was faster
            except OSError:
                found = Received(path.name, None)
            yield found

    def put_aside(self, found: Received) -> None:
        """Into the folder `taken` beside it: what could not be matched is looked up there."""
        folder = Path(settings.PRESCRIPTION_INBOX)
        (folder / "taken").mkdir(mode=0o700, exist_ok=True)
        with suppress(FileNotFoundError):
            (folder / found.name).replace(folder / "taken" / f"{clock.now():%Y%m%dT%H%M%S%f}-{found.name}")

    def _write(self, row: Transmission, name: str, *, cancels: bool = False) -> Receipt:
        try:
            made, ending = document.pdf(row, cancels=cancels), "pdf"
        except document.NoLibraries:
            made, ending = document.html(row, cancels=cancels).encode(), "html"
        _kept(f"{name}.{ending}", made)
        return Receipt("printed")


def _kept(name: str, made: bytes) -> None:
    try:
        keep(Path(settings.PRESCRIPTION_FILES), name, made)
    except OSError as problem:
        raise Unreachable(f"The file could not be written ({type(problem).__name__}).") from None


def _opened(path: Path) -> bytes | None:
    """The whole of a plain file that is no larger than a message may be; a link is not followed."""
    if path.is_symlink() or not path.is_file():
        return None
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        found = file.read(script.MOST_BYTES + 1)
    return found if len(found) <= script.MOST_BYTES else None


def keep(folder: Path, name: str, content: bytes) -> None:
    """Write a file that only this user may read, whole or not at all. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = folder / f".{name}.{os.getpid()}"
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(folder / name)


@cache
def _named(name: str) -> BackEnd:
    made: BackEnd = import_string(name)()
    return made


def current() -> BackEnd:
    """The back end that the settings name."""
    return _named(settings.PRESCRIPTION_BACKEND)
