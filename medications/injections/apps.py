from django.apps import AppConfig


class InjectionsConfig(AppConfig):
    name = "medications.injections"
    label = "medications_injections"
    verbose_name = "medications: injections"
