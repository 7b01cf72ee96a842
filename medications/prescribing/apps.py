from django.apps import AppConfig


class PrescribingConfig(AppConfig):
    name = "medications.prescribing"
    label = "medications_prescribing"
    verbose_name = "medications: prescribing"
