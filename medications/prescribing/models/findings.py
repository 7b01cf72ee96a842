"""What was checked before each signature, and what was answered."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from clinic.rows import Row
from medications.prescribing import guards
from medications.prescribing.models.orders import DoseOrder

USER = settings.AUTH_USER_MODEL


class StoredFinding(Row):
    """A finding of the checks at a signature, with the override and the knowledge version; shown ever after."""

    order = models.ForeignKey(DoseOrder, on_delete=models.PROTECT, related_name="findings")
    level = models.CharField(
        max_length=12,
        choices=[("stop", "stop"), ("ask", "ask"), ("note", "note"), ("not_checked", "not checked")],
    )  # a refusal is never signed, so it is never stored
    code = models.CharField(max_length=60)
    rule_id = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    sentence = models.TextField()
    source = models.JSONField(default=list)
    confidence = models.CharField(max_length=10, blank=True)
    knowledge_version = models.CharField(max_length=20)
    override_code = models.CharField(max_length=40, blank=True)
    override_words = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(level__in=["stop", "ask", "note", "not_checked"]), name="finding_never_refuse"
            ),
            models.CheckConstraint(
                condition=~Q(level="stop") | (~Q(override_code="") & ~Q(override_words="")),
                name="finding_stop_overridden_with_code_and_words",
            ),
            models.CheckConstraint(condition=~Q(level="ask") | ~Q(override_words=""), name="finding_ask_has_reason"),
        ]
        triggers = guards.finding()

    def __str__(self) -> str:
        return f"finding {self.code}"
