from django.apps import AppConfig


class NotesConfig(AppConfig):
    name = "patients.notes"
    label = "patients_notes"
    verbose_name = "patients: notes"
