"""Tells the privacy officers that a chart was opened in an emergency (R-HS-02; port EMERGENCY_WATCH)."""

from clinic.ports import TaskKind
from clinic.staff.enums import Role
from patients.inbox import actions
from patients.record.models import EmergencyAccess

OPENED = TaskKind(
    key="record.emergency", title="A chart was opened in an emergency", action="Review", url_name="record:emergencies",
    capability="audit.read",
)  # fmt: skip


class Emergencies:
    """One task a day and person would hide the second opening; so it is one task an opening."""

    def opened(self, access: EmergencyAccess) -> None:
        """Ask every privacy officer to review it. The sentence names nobody: the page does."""
        actions.ask(
            OPENED.key, sentence="A chart was opened by somebody outside its care team. Read the reason and review it.",
            purpose=f"emergency:{access.pk}", patient_id=access.patient_id, roles=[Role.PRIVACY_OFFICER],
            object_id=access.pk, by=access.user,
        )  # fmt: skip

    def reviewed(self, access: EmergencyAccess) -> None:
        """Close the task."""
        actions.finish(f"emergency:{access.pk}", by=access.reviewed_by, outcome="reviewed")
