"""Pages of medications: catalogue."""

from django.urls import path

from medications.catalogue import views

app_name = "catalogue"
urlpatterns = [path("pick/", views.pick, name="pick")]
