"""Write the generated pages below docs/generated."""

from typing import Any

from django.core.management.base import BaseCommand

from clinic.web.generated import FOLDER, PAGES


class Command(BaseCommand):
    help = "Write docs/generated from the data it describes."

    def handle(self, *args: Any, **options: Any) -> None:
        """Every page anew."""
        FOLDER.mkdir(parents=True, exist_ok=True)
        for name, write in PAGES.items():
            (FOLDER / name).write_text(write(), encoding="utf-8")
            self.stdout.write(f"docs/generated/{name}")
