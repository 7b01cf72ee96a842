"""What vigilance offers to the ports: its task kind."""

from clinic.ports import TaskKind


def task_kinds() -> list[TaskKind]:
    """Port TASK_KINDS: a signed order became unsafe."""
    return [
        TaskKind(
            "vigilance.late",
            "A signed order became unsafe",
            "Look at it",
            "vigilance:late",
            "medication.prescribe",
            "m",
        )
    ]
