"""Pages of medications: prescribing."""

from django.urls import URLPattern

app_name = "prescribing"
urlpatterns: list[URLPattern] = []
