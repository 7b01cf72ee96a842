"""What a newer version of the drug data would change, for whoever reviews it before it is installed."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from medications.catalogue import versions
from medications.catalogue.load import reference


class Command(BaseCommand):
    """Compares a file with the data that are installed; nothing is changed."""

    help = "Say what another medications.json changes against the installed one, field by field."

    def add_arguments(self, parser: CommandParser) -> None:
        """The file."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """One sentence a change."""
        version, entries = reference()
        try:
            rows = json.loads(options["file"].read_text(encoding="utf-8"))
            if not isinstance(rows, list) or not rows:
                raise ValueError("It holds no list of drugs.")
            new = versions.by(rows, "generic_name")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CommandError(f"This file cannot be read as drug data: {error}") from None
        self.stdout.write(f"installed {version}, file {options['file'].name}")
        for sentence in versions.entries(versions.by(entries, "generic_name"), new) or ["nothing changes"]:
            self.stdout.write(sentence)
