from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "clinic.web"
    label = "clinic_web"
    verbose_name = "clinic: web"
