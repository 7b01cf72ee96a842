"""Pages of clinic: outbox. The mailbox is the demo's: in production its addresses do not exist."""

from django.conf import settings
from django.urls import path

from clinic.outbox import views

app_name = "outbox"
urlpatterns = [
    path("", views.jobs, name="jobs"),
    path("<uuid:pk>/again/", views.try_again, name="try_again"),
    path("texts/in/", views.inbound, name="inbound"),
]
if settings.DEMO_MAILBOX:
    urlpatterns += [
        path("mailbox/", views.mailbox, name="mailbox"),
        path("mailbox/<uuid:pk>/answer/", views.answer, name="answer"),
    ]
