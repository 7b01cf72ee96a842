"""Pages of medications: refills."""

from django.urls import URLPattern

app_name = "refills"
urlpatterns: list[URLPattern] = []
