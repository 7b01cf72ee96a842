from django.apps import AppConfig


class InboxConfig(AppConfig):
    name = "patients.inbox"
    label = "patients_inbox"
    verbose_name = "patients: inbox"
