"""The verification code of a prescription: made when it is signed, proved when somebody asks."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from medications.pharmacies import calc
from medications.pharmacies.models import Transmission


def keys() -> list[str]:
    """The key that makes codes, then the older ones, which still prove theirs."""
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def made(content: Mapping[str, Any]) -> str:
    """The code of this content."""
    return calc.verification_code(content, keys()[0])


def genuine(row: Transmission) -> bool:
    """Whether the kept content is the one that the code was made for."""
    return bool(row.code) and calc.same_code(row.content, row.code, keys())
