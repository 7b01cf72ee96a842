from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "clinic.outbox"
    label = "clinic_outbox"
    verbose_name = "clinic: outbox"

    def ready(self) -> None:
        """Every process knows the task that wakes a worker, so that actions can name it."""
        from clinic.outbox import tasks  # noqa: F401
