"""Pages of medications: refills."""

from django.urls import path

from medications.refills import views

app_name = "refills"
urlpatterns = [
    path("", views.desk, name="desk"),
    path("decided/", views.decided, name="decided"),
    path("in-order/", views.in_order, name="in_order"),
    path("renew/", views.renew, name="renew"),
    path("<uuid:patient_id>/<uuid:pk>/", views.decide, name="decide"),
    path("<uuid:patient_id>/<uuid:pk>/pharmacy/", views.pharmacy_asks, name="pharmacy_asks"),
    path("<uuid:patient_id>/ask/", views.ask, name="ask"),
    path("<uuid:patient_id>/calls/<uuid:pk>/", views.call, name="call"),
]
