"""Pages of patients: handoffs."""

from django.urls import URLPattern

app_name = "handoffs"
urlpatterns: list[URLPattern] = []
