"""Pages of medications: injections. Addresses hold ids only."""

from django.urls import path

from medications.injections import views

app_name = "injections"
urlpatterns = [
    path("<uuid:patient_id>/of/<uuid:pk>/", views.injection, name="injection"),
    path("<uuid:patient_id>/<uuid:pk>/", views.told, name="told"),
    path("<uuid:patient_id>/<uuid:pk>/in-error/", views.retract, name="retract"),
]
