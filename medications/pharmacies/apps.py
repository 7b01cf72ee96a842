from django.apps import AppConfig


class PharmaciesConfig(AppConfig):
    name = "medications.pharmacies"
    label = "medications_pharmacies"
    verbose_name = "medications: pharmacies"
