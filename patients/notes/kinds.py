"""What the note machine asks of people's inboxes (port TASK_KINDS)."""

from clinic.ports import TaskKind

COSIGN = TaskKind(
    key="note_cosign",
    title="Co-sign a note",
    action="Read and co-sign",
    url_name="notes:note",
    capability="chart.read",
    mark="t",
)
