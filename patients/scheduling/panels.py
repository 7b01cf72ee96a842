"""What the schedule offers to other pages: a tab of the patient's page, its kinds of tasks."""

from clinic.ports import ChartTab, TaskKind

TAB = ChartTab("schedule", "Schedule", "scheduling:patient", "patient.contacts")
TASKS = [
    TaskKind("missed_visit", "Missed visit", "Open the visit", "scheduling:visit", "patient.contacts", by_hand=True),
    TaskKind("visit_in_absence", "Clinician away", "Open the visit", "scheduling:visit", "schedule.book"),
]
