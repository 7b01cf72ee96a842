from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "clinic.staff"
    label = "clinic_staff"
    verbose_name = "clinic: staff"
