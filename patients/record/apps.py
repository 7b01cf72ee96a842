from django.apps import AppConfig


class RecordConfig(AppConfig):
    name = "patients.record"
    label = "patients_record"
    verbose_name = "patients: record"
