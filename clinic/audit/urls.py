"""Pages of clinic: audit."""

from django.urls import path

from clinic.audit import views

app_name = "audit"
urlpatterns = [
    path("", views.events, name="events"),
    path("verify/", views.verify, name="verify"),
    path("export/", views.export, name="export"),
]
