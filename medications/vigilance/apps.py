from django.apps import AppConfig


class VigilanceConfig(AppConfig):
    name = "medications.vigilance"
    label = "medications_vigilance"
    verbose_name = "medications: vigilance"
