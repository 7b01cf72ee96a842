from django.apps import AppConfig


class SafetyConfig(AppConfig):
    name = "medications.safety"
    label = "medications_safety"
    verbose_name = "medications: safety"
