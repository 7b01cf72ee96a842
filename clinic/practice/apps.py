from django.apps import AppConfig


class PracticeConfig(AppConfig):
    name = "clinic.practice"
    label = "clinic_practice"
    verbose_name = "clinic: practice"
