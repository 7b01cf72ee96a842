from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "medications.monitoring"
    label = "medications_monitoring"
    verbose_name = "medications: monitoring"
