from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "clinic.audit"
    label = "clinic_audit"
    verbose_name = "clinic: audit"
