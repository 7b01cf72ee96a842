"""How a prescription leaves: an interface, and the back end that needs no network, which says so on screen.

A back end for an e-prescribing network implements the same (docs/decisions/0005-the-way-to-the-pharmacy.md names the
NCPDP SCRIPT messages on both sides). Nothing here pretends to be one.
"""

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from clinic.outbox.results import Undeliverable, Unreachable
from medications.pharmacies import document
from medications.pharmacies.models import Cancellation, Transmission


@dataclass(frozen=True)
class Receipt:
    """What the other side says: how it went ("printed"), and its number, if it gives one."""

    how: str
    reference: str = ""


class BackEnd(Protocol):
    """Takes prescriptions to pharmacies. Called outside any transaction; the same row twice arrives once.

    Raises `Undeliverable` where trying again would not help, `Unreachable` where it would; neither names a person.
    """

    connected: bool  # to a network that tells fills and answers by itself
    words: str  # what pages say about it

    def send(self, row: Transmission) -> Receipt:
        """A new prescription (SCRIPT NewRx)."""
        ...

    def cancel(self, row: Cancellation) -> Receipt:
        """What was sent is discontinued (SCRIPT CancelRx)."""
        ...


class FileAndPrinter:
    """Writes the document into PRESCRIPTION_FILES, from where it is printed or faxed. It reaches no pharmacy itself."""

    connected = False
    words = (
        "Tandem is not connected to an e-prescribing network: this prescription is printed, to be faxed or handed over."
    )

    def send(self, row: Transmission) -> Receipt:
        """One file a transmission: written again, it is the same."""
        if row.pharmacy is not None and row.pharmacy.closed_at is not None:
            raise Undeliverable("The pharmacy is no longer in use.")
        return self._write(row, f"{row.pk}")

    def cancel(self, row: Cancellation) -> Receipt:
        """A notice that names what is discontinued."""
        return self._write(row.transmission, f"{row.transmission_id}-discontinued", cancels=True)

    def _write(self, row: Transmission, name: str, *, cancels: bool = False) -> Receipt:
        try:
            made, ending = document.pdf(row, cancels=cancels), "pdf"
        except document.NoLibraries:
            made, ending = document.html(row, cancels=cancels).encode(), "html"
        try:
            keep(Path(settings.PRESCRIPTION_FILES), f"{name}.{ending}", made)
        except OSError as problem:
            raise Unreachable(f"The file could not be written ({type(problem).__name__}).") from None
        return Receipt("printed")


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
