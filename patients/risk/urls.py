"""Risk flags."""

from django.urls import path

from patients.risk import views

app_name = "risk"
urlpatterns = [
    path("", views.flags, name="flags"),
    path("<uuid:patient_id>/raise/", views.raise_flag, name="raise"),
    path("<uuid:patient_id>/<uuid:pk>/", views.flag, name="flag"),
    path("<uuid:patient_id>/<uuid:pk>/acknowledge/", views.acknowledge, name="acknowledge"),
    path("<uuid:patient_id>/<uuid:pk>/close/", views.close, name="close"),
]
