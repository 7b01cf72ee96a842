"""The outbox's work: the rest of a large file of results, share by share."""

from clinic.outbox.models import OutboxItem
from medications.monitoring import actions
from medications.monitoring.actions.importing import IMPORT
from medications.monitoring.models import ResultFile


class Imports:
    """Handler of `monitoring.import`."""

    kind = IMPORT
    words = "Files of results"
    elsewhere = "Its page says how far it is."

    def deliver(self, item: OutboxItem) -> str:
        """Take what is left of the file. Each share is a transaction: taken over, it goes on where the last ended."""
        file = ResultFile.objects.defer("text", "rejects").filter(pk=item.args.get("file")).first()
        if file is None:
            return "dropped: there is no such file"
        while file.imported_at is None:
            file = actions.import_share(file)
        return "done"
