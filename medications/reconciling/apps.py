from django.apps import AppConfig


class ReconcilingConfig(AppConfig):
    name = "medications.reconciling"
    label = "medications_reconciling"
    verbose_name = "medications: reconciling"
