"""Every write of monitoring: what is due, results, circumstances, files of results."""

from medications.monitoring.actions.circumstances import end, note
from medications.monitoring.actions.due import order_changed, renew, sweep
from medications.monitoring.actions.importing import choose, import_rows, import_share, upload
from medications.monitoring.actions.results import Given, handle, record, retract

__all__ = [
    "Given", "choose", "end", "handle", "import_rows", "import_share", "note", "order_changed", "record", "renew",
    "retract", "sweep", "upload",
]  # fmt: skip
