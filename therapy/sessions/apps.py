from django.apps import AppConfig


class SessionsConfig(AppConfig):
    name = "therapy.sessions"
    label = "therapy_sessions"
    verbose_name = "therapy: sessions"
