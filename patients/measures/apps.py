from django.apps import AppConfig


class MeasuresConfig(AppConfig):
    name = "patients.measures"
    label = "patients_measures"
    verbose_name = "patients: measures"
