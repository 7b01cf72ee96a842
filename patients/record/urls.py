"""Pages of the record."""

from django.urls import path

from patients.record.views import clinical, emergency, find, people, team

app_name = "record"
ONE = "<uuid:patient_id>/"
urlpatterns = [
    path("", find.find, name="find"),
    path("palette/", find.palette, name="palette"),
    path("register/", people.register, name="register"),
    path("emergencies/", emergency.emergencies, name="emergencies"),
    path("emergencies/<uuid:pk>/reviewed/", emergency.review, name="review"),
    path(ONE, clinical.record, name="record"),
    path(f"{ONE}desk/", people.desk, name="desk"),
    path(f"{ONE}edit/", people.edit, name="edit"),
    path(f"{ONE}no-messages/", people.stop_messages, name="stop_messages"),
    path(f"{ONE}emergency/", emergency.emergency, name="emergency"),
    path(f"{ONE}team/", team.team, name="team"),
    path(f"{ONE}team/<uuid:pk>/leave/", team.leave, name="leave"),
    path(f"{ONE}allergies/new/", clinical.allergy, name="allergy"),
    path(f"{ONE}allergies/none-known/", clinical.no_allergies, name="no_allergies"),
    path(f"{ONE}conditions/new/", clinical.condition, name="condition"),
    path(f"{ONE}conditions/codes/", clinical.condition_codes, name="codes"),
    path(f"{ONE}conditions/<uuid:pk>/ended/", clinical.ended, name="ended"),
    path(f"{ONE}facts/", clinical.facts, name="facts"),
    path(f"{ONE}in-error/<slug:kind>/<uuid:pk>/", clinical.in_error, name="in_error"),
]
