from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "medications.catalogue"
    label = "medications_catalogue"
    verbose_name = "medications: catalogue"
