"""Pages of medications: visits."""

from django.urls import URLPattern

app_name = "visits"
urlpatterns: list[URLPattern] = []
