from django.apps import AppConfig


class ChartConfig(AppConfig):
    name = "patients.chart"
    label = "patients_chart"
    verbose_name = "patients: chart"
