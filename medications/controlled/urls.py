"""Pages of medications: controlled. Addresses hold ids only."""

from django.urls import path

from medications.controlled import views

app_name = "controlled"
urlpatterns = [
    path("log/", views.log, name="log"),
    path("telehealth/", views.telehealth, name="telehealth"),
    path("<uuid:patient_id>/series/<uuid:pk>/", views.series, name="series"),
    path("<uuid:patient_id>/orders/<uuid:pk>/", views.order, name="order"),
    path("<uuid:patient_id>/more/<uuid:pk>/", views.more, name="more"),
    path("<uuid:patient_id>/certified/<uuid:pk>/", views.certified, name="certified"),
]
