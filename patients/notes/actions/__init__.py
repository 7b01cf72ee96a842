"""The note's life: begun, saved, signed, added to, co-signed, marked as entered in error."""

from patients.notes.actions.afterwards import add_addendum, cosign, retract
from patients.notes.actions.drafting import (
    KEEP,
    Stale,
    begin,
    clean_parts,
    save,
    set_aside,
    stale,
    switch_format,
    write,
)
from patients.notes.actions.signing import end_now, sign

__all__ = [
    "KEEP",
    "Stale",
    "add_addendum",
    "begin",
    "clean_parts",
    "cosign",
    "end_now",
    "retract",
    "save",
    "set_aside",
    "sign",
    "stale",
    "switch_format",
    "write",
]
