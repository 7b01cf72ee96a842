from django.apps import AppConfig


class RefillsConfig(AppConfig):
    name = "medications.refills"
    label = "medications_refills"
    verbose_name = "medications: refills"
