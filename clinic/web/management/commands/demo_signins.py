"""Print the demo's sign-ins, one per role."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand

from clinic.demo import PASSWORD, SHOWN_FIRST
from clinic.staff.enums import Role


class Command(BaseCommand):
    help = "Print a sign-in for each role of the demo practice."

    def handle(self, *args: Any, **options: Any) -> None:
        """One line a role, and the one password; nothing where there is no demo."""
        if settings.PRODUCTION:
            return
        grants = apps.get_model("clinic_staff", "RoleGrant")._default_manager
        lines = []
        for role in Role:
            held = [one.user for one in grants.filter(role=role, ended_at=None).select_related("user").order_by("id")]
            user = min(held, key=lambda one: one.email not in SHOWN_FIRST, default=None)
            if user and user.check_password(PASSWORD):
                lines.append(f"  {role.label:<17} {user.email}")
        if lines:
            self.stdout.write("Sign-ins of the demo practice, one for each role:")
            self.stdout.write("\n".join(lines))
            self.stdout.write(f"  password          {PASSWORD}")
