"""Cover until a day that no clock can hold gets a sentence beside its field, and nobody joins the care team."""

from django.urls import reverse

from patients.record.models import CareTeamMember
from tests.cast import Cast, client


def test_cover_until_the_end_of_time_is_refused(cast: Cast) -> None:
    address = reverse("record:team", args=[cast.ana.pk])
    before = CareTeamMember.objects.count()
    answer = client(cast.priya).post(address, {"user": cast.tess.pk, "role": "cover", "until": "9999-12-31"})
    assert answer.status_code == 422
    assert "That day is too far away. Enter the last day of the cover." in answer.content.decode()
    assert CareTeamMember.objects.count() == before
