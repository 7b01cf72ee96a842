"""What tests of constraints share: the database refuses, and it names the constraint that did."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import IntegrityError, transaction


@contextmanager
def refused_by(name: str) -> Iterator[None]:
    """The block breaks the constraint of this name, and no other, in a transaction of its own."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        yield
    cause = caught.value.__cause__
    assert cause is not None
    assert cause.diag.constraint_name == name  # type: ignore[attr-defined]
