"""Invite the first practice manager; everybody else is invited in the browser."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from clinic.refusal import Refused
from clinic.staff import actions, queries
from clinic.staff.enums import Role


class Command(BaseCommand):
    help = "Invite the first practice manager and print the link. Refuses once there is one."

    def add_arguments(self, parser: CommandParser) -> None:
        """Who it is."""
        parser.add_argument("--email", required=True)
        parser.add_argument("--given-name", required=True)
        parser.add_argument("--family-name", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Invite, print the link. A manager who never took up the invitation gets a new one."""
        email = options["email"].strip().lower()
        managers = list(queries.with_role(Role.PRACTICE_MANAGER))
        if any(manager.has_usable_password() for manager in managers):
            raise CommandError("There is a practice manager already. Ask that person for an invitation.")
        try:
            known = next((manager for manager in managers if manager.email == email), None)
            if known is not None:
                invitation, token = actions.invite_again(known, by=None)
            else:
                invitation, token = actions.invite(
                    email=email, given_name=options["given_name"], family_name=options["family_name"],
                    roles=[Role.PRACTICE_MANAGER], by=None,
                )  # fmt: skip
        except Refused as refused:
            raise CommandError(refused.sentence) from None
        self.stdout.write("Open this link to choose a password. It works once, until "
                          f"{invitation.expires_at:%Y-%m-%d %H:%M} UTC:")  # fmt: skip
        self.stdout.write(f"{settings.SITE_URL.rstrip('/')}{reverse('welcome', args=[token])}")
