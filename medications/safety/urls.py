"""Pages of medications: safety. Addresses hold ids only."""

from django.urls import path

from medications.safety import views

app_name = "safety"
urlpatterns = [
    path("<uuid:patient_id>/attested/", views.attested, name="attested"),
    path("<uuid:patient_id>/look-up/", views.look_up, name="look_up"),
    path("<uuid:patient_id>/examination/", views.exam, name="exam"),
    path("<uuid:patient_id>/in-error/<slug:kind>/<uuid:pk>/", views.in_error, name="in_error"),
]
