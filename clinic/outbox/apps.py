from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "clinic.outbox"
    label = "clinic_outbox"
    verbose_name = "clinic: outbox"
