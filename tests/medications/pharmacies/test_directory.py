"""The practice's pharmacies and whom patients prefer: numbers that make sense, nobody's change lost, history kept."""

import pytest

from clinic.audit.models import AuditEvent
from clinic.refusal import Conflict, Refused
from medications.pharmacies import actions, calc, queries
from medications.pharmacies.models import PreferredPharmacy
from tests.cast import Cast
from tests.medications.pharmacies.given import DETAILS, chosen, later, ncpdp, pharmacy
from tests.medications.prescribing.given import NOW


# Published ids of large mail pharmacies: the arithmetic is that of the real ones.
@pytest.mark.parametrize("known", ["0322038", "2623735", "0556540"])
def test_the_check_digit_of_an_ncpdp_id(known: str) -> None:
    assert calc.is_ncpdp(known)
    wrong = [f"{known[:6]}{digit}" for digit in range(10) if str(digit) != known[6]]
    assert [one for one in wrong if calc.is_ncpdp(one)] == []


@pytest.mark.parametrize("text", ["", "123456", "12345678", "12345a7", "٣٢٣٤٥٦٧", "032 038"])
def test_no_ncpdp_id(text: str) -> None:
    assert not calc.is_ncpdp(text)


def test_two_neighbours_swapped_are_noticed() -> None:
    six = "389901"
    good = ncpdp(six)
    swapped = [good[:n] + good[n + 1] + good[n] + good[n + 2 :] for n in range(5) if good[n] != good[n + 1]]
    assert [one for one in swapped if calc.is_ncpdp(one)] == []


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("name", " ", "Write the pharmacy’s name."),
        ("address_line", "", "Write street and number."),
        ("city", "", "Write the city."),
        ("state", "QQ", "two letters"),
        ("zip_code", "9720", "five digits"),
        ("zip_code", "9720x", "five digits"),
        ("phone", "12", "area code"),
        ("fax", "911", "area code"),
        ("ncpdp_id", "3899010", "does not fit"),
        ("ncpdp_id", "389901", "does not fit"),
    ],
)
def test_bad_input_gets_a_sentence_beside_its_field(cast: Cast, field: str, text: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence) as refused:
        pharmacy(cast.max, **{field: text})
    assert refused.value.field == field
    assert queries.directory() == []


def test_an_ncpdp_id_stands_once_in_the_list(cast: Cast) -> None:
    first = pharmacy(cast.max)
    with pytest.raises(Refused, match="in the list already"):
        pharmacy(cast.max, name="The same")
    actions.close_pharmacy(first, reason="Sold.", by=cast.max)
    pharmacy(cast.max, name="Its successor")


def test_nobodys_change_is_lost(cast: Cast) -> None:
    row = pharmacy(cast.max)
    actions.change_pharmacy(row, based_on=0, by=cast.max, **DETAILS | {"hours": "Mon–Sun 8–10"})
    with pytest.raises(Conflict, match="Somebody changed this pharmacy meanwhile"):
        actions.change_pharmacy(row, based_on=0, by=cast.max, **DETAILS | {"hours": "never"})
    row.refresh_from_db()
    assert (row.hours, row.revision) == ("Mon–Sun 8–10", 1)


def test_one_preferred_pharmacy_with_its_history(cast: Cast) -> None:
    first = chosen(cast)
    second = pharmacy(cast.fran, name="Bridgetown Drug", ncpdp_id="")
    with later(60):
        actions.choose(cast.ana, pharmacy=second, by=cast.priya)
        actions.choose(cast.ana, pharmacy=second, by=cast.priya)
    with later(120):
        actions.choose(cast.ana, pharmacy=None, by=cast.fran)
    rows = PreferredPharmacy.objects.order_by("from_at").values_list("pharmacy", "set_by", "ended_by")
    assert list(rows) == [(first.pk, cast.fran.pk, cast.priya.pk), (second.pk, cast.priya.pk, cast.fran.pk)]
    assert queries.preferred(cast.ana.pk) is None
    assert [row.pharmacy for row in queries.preferred_before(cast.ana.pk)] == [second, first]


def test_a_closed_pharmacy_is_nobodys_preferred_and_takes_no_change(cast: Cast) -> None:
    row = chosen(cast)
    with later(60):
        assert actions.close_pharmacy(row, reason="Sold.", by=cast.max) == 1
    assert queries.preferred(cast.ana.pk) is None
    for act in (
        lambda: actions.choose(cast.ben, pharmacy=row, by=cast.fran),
        lambda: actions.change_pharmacy(row, based_on=None, by=cast.max, **DETAILS),
        lambda: actions.close_pharmacy(row, reason="Again.", by=cast.max),
    ):
        with pytest.raises(Refused, match="no longer in use"):
            act()


def test_closing_says_why(cast: Cast) -> None:
    row = pharmacy(cast.max)
    with pytest.raises(Refused, match="Write why"):
        actions.close_pharmacy(row, reason=" ", by=cast.max)


def test_every_change_is_audited(cast: Cast) -> None:
    row = chosen(cast)
    actions.change_pharmacy(row, based_on=None, by=cast.max, **DETAILS)
    actions.close_pharmacy(row, reason="Sold.", by=cast.max)
    whats = AuditEvent.objects.filter(at=NOW).order_by("pk").values_list("what", flat=True)
    assert list(whats) == ["pharmacies.add", "pharmacies.choose", "pharmacies.change", "pharmacies.close"]
