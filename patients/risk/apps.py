from django.apps import AppConfig


class RiskConfig(AppConfig):
    name = "patients.risk"
    label = "patients_risk"
    verbose_name = "patients: risk"
