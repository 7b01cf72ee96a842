"""What a newer version of the monitoring data would change, for whoever reviews it before it is installed."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from medications.monitoring import knowledge


class Command(BaseCommand):
    """Compares a file with the data that are installed; nothing is changed."""

    help = "Say what another monitoring.json changes against the installed one."

    def add_arguments(self, parser: CommandParser) -> None:
        """The file."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """One sentence a change."""
        try:
            new = json.loads(options["file"].read_text(encoding="utf-8"))
            knowledge.assemble(new, "checked")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CommandError(f"This file cannot be read as monitoring data: {error}") from None
        old = json.loads(knowledge.DATA.read_text(encoding="utf-8"))
        self.stdout.write(f"installed {old['meta']['version']}, file {new['meta']['version']}")
        for sentence in knowledge.differences(old, new) or ["nothing changes"]:
            self.stdout.write(sentence)
