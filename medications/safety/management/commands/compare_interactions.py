"""What a newer version of the rules of interactions would change, for whoever reviews it before it is installed."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from medications.catalogue.load import reference
from medications.safety import knowledge


class Command(BaseCommand):
    """Compares a file with the data that are installed; nothing is changed."""

    help = "Say what another interactions.json changes against the installed one, rule by rule and field by field."

    def add_arguments(self, parser: CommandParser) -> None:
        """The file."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """One sentence a change."""
        old = json.loads(knowledge.DATA.read_text(encoding="utf-8"))
        try:
            new = json.loads(options["file"].read_text(encoding="utf-8"))
            knowledge.assemble(reference()[1], new, "checked")
            said = knowledge.differences(old, new)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CommandError(f"This file cannot be read as rules of interactions: {error}") from None
        self.stdout.write(f"installed {old['meta']['version']}, file {new['meta']['version']}")
        for sentence in said or ["nothing changes"]:
            self.stdout.write(sentence)
