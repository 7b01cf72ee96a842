"""Rewrite every encrypted field with the newest of FIELD_KEYS, so that an older key can be taken away."""

from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from clinic.web.signin import field_keys

ENCRYPTED = ("secret", "seed")  # of a TOTP authenticator, of the recovery codes


class Command(BaseCommand):
    help = "Encrypt secrets of second factors anew with the first of FIELD_KEYS."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """All or nothing: a secret that no key of FIELD_KEYS reads stops it with a sentence."""
        keys, count = field_keys(), 0
        for row in Authenticator.objects.select_for_update().order_by("pk"):
            changed = False
            for name in ENCRYPTED:
                if name in row.data:
                    try:
                        row.data[name] = keys.rotate(str(row.data[name]).encode()).decode()
                    except InvalidToken:
                        raise CommandError(
                            "A secret cannot be read by any key of FIELD_KEYS. Add the key it was written with."
                        ) from None
                    changed = True
            if changed:
                row.save(update_fields=["data"])
                count += 1
        self.stdout.write(f"{count} rewritten with the newest key.")
