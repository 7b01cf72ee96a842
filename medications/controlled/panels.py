"""What controlled substances offer to the ports: their task kinds."""

from clinic.ports import TaskKind


def task_kinds() -> list[TaskKind]:
    """Port TASK_KINDS: telehealth ends, a program is due, a log waits."""
    return [
        TaskKind(
            "controlled.telehealth", "Begun by telehealth", "Open the list", "controlled:telehealth",
            "medication.prescribe", "m",
        ),
        TaskKind(
            "controlled.pdmp", "Monitoring program due", "Record the look-up", "safety:look_up",
            "medication.prescribe", "m",
        ),
        TaskKind("controlled.log", "Log of controlled substances", "Look through it", "controlled:log",
                 "medication.prescribe", "m"),
    ]  # fmt: skip
