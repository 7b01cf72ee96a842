"""Pages of medications: vigilance. Addresses hold ids only; a rule is no patient's."""

from django.urls import path, re_path

from medications.vigilance import views

app_name = "vigilance"
urlpatterns = [
    path("overrides/", views.overrides, name="overrides"),
    re_path(r"^overrides/(?P<rule>(?:IX|CC|AX|LE)-[0-9]{3})/lower/$", views.lower, name="lower"),
    path("tunings/<uuid:pk>/ask-again/", views.ask_again, name="ask_again"),
    path("<uuid:patient_id>/", views.late, name="late"),
    path("<uuid:patient_id>/<uuid:pk>/answer/", views.answer, name="answer"),
]
