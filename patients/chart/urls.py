"""The chart and my day."""

from datetime import date

from django.urls import path, register_converter

from patients.chart import views


class DayConverter:
    """A day in an address: 2026-11-23; an impossible one leads nowhere."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        """The day; ValueError is a 404."""
        found = date.fromisoformat(value)
        if not 2000 <= found.year <= 2100:
            raise ValueError
        return found

    def to_url(self, value: date) -> str:
        """As it stands in the address."""
        return value.isoformat()


register_converter(DayConverter, "chartday")

app_name = "chart"
urlpatterns = [
    path("my-day/", views.my_day, name="my_day"),
    path("my-day/<chartday:day>/", views.my_day, name="day"),
    path("<uuid:patient_id>/", views.chart, name="chart"),
    path("<uuid:patient_id>/events/new/", views.event, name="event"),
    path("<uuid:patient_id>/events/<uuid:pk>/", views.life_event, name="life_event"),
]
