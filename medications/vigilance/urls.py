"""Pages of medications: vigilance. Addresses hold ids only; a rule is no patient's."""

from django.urls import path

from medications.vigilance import views

app_name = "vigilance"
urlpatterns = [
    path("overrides/", views.overrides, name="overrides"),
    path("overrides/<slug:rule>/lower/", views.lower, name="lower"),
    path("tunings/<uuid:pk>/ask-again/", views.ask_again, name="ask_again"),
    path("<uuid:patient_id>/", views.late, name="late"),
    path("<uuid:patient_id>/<uuid:pk>/answer/", views.answer, name="answer"),
]
