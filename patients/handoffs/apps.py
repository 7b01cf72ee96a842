from django.apps import AppConfig


class HandoffsConfig(AppConfig):
    name = "patients.handoffs"
    label = "patients_handoffs"
    verbose_name = "patients: handoffs"
