from django.apps import AppConfig


class PlanConfig(AppConfig):
    name = "patients.plan"
    label = "patients_plan"
    verbose_name = "patients: plan"
