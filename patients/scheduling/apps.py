from django.apps import AppConfig


class SchedulingConfig(AppConfig):
    name = "patients.scheduling"
    label = "patients_scheduling"
    verbose_name = "patients: scheduling"
