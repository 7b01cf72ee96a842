"""Pages of medications: visits."""

from django.urls import path

from medications.visits import views

app_name = "visits"
urlpatterns = [
    path("<uuid:patient_id>/begin/", views.begin, name="begin"),
    path("<uuid:patient_id>/<uuid:pk>/", views.visit, name="visit"),
    path("<uuid:patient_id>/<uuid:pk>/save/", views.save, name="save"),
]
