from django.apps import AppConfig


class TimelineConfig(AppConfig):
    name = "patients.timeline"
    label = "patients_timeline"
    verbose_name = "patients: timeline"
