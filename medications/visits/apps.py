from django.apps import AppConfig


class VisitsConfig(AppConfig):
    name = "medications.visits"
    label = "medications_visits"
    verbose_name = "medications: visits"
