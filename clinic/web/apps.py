from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "clinic.web"
    label = "clinic_web"
    verbose_name = "clinic: web"

    def ready(self) -> None:
        """Set up the log; listen to sign-ins."""
        from clinic.web import logs, signals  # noqa: F401

        logs.configure()
