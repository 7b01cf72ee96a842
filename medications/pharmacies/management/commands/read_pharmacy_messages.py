"""Take in now what pharmacies sent, as the job does every minute."""

from typing import Any

from django.core.management.base import BaseCommand

from medications.pharmacies import actions


class Command(BaseCommand):
    """Run twice, or beside the job, it leaves the same rows."""

    help = "Take in the messages of pharmacies that wait in PRESCRIPTION_INBOX."

    def handle(self, *args: Any, **options: Any) -> None:
        """Counts, no names."""
        counts = actions.read_in()
        self.stdout.write(
            f"{counts['asked']} asked at the refill desk, {counts['to_clear']} to be cleared by a person, "
            f"{counts['known']} known already"
        )
