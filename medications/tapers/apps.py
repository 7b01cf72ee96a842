from django.apps import AppConfig


class TapersConfig(AppConfig):
    name = "medications.tapers"
    label = "medications_tapers"
    verbose_name = "medications: tapers"
