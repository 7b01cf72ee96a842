from django.apps import AppConfig


class ControlledConfig(AppConfig):
    name = "medications.controlled"
    label = "medications_controlled"
    verbose_name = "medications: controlled"
