"""What every form does: label, hint, error, field; clean text; lengths; pickers; units."""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from clinic.web.forms import LINE, UNSEEN, LocalDateTimeField, TandemForm, cleaned


class Sample(TandemForm):
    """One of each."""

    units: ClassVar[dict[str, str]] = {"dose": "mg"}

    name = forms.CharField(help_text="As on the card.")
    words = forms.CharField(widget=forms.Textarea, required=False)
    dose = forms.DecimalField(max_digits=6, decimal_places=2)
    day = forms.DateField()
    kind = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)


def html(form: forms.BaseForm) -> str:
    """The form as a page shows it."""
    return Template("{% load crispy_forms_tags %}{{ form|crispy }}").render(Context({"form": form}))


def test_order_is_label_hint_error_field() -> None:
    page = html(Sample({"name": ""}))
    places = [page.index(part) for part in ('class="form-label">Name', "As on the card.", "id_name_error", "<input")]
    assert places == sorted(places)


def test_an_error_is_tied_to_its_field() -> None:
    page = html(Sample({"name": ""}))
    field = page[page.index('name="name"') - 40 : page.index('name="name"') + 300]
    assert 'aria-invalid="true"' in field
    assert 'aria-describedby="id_name_helptext id_name_error"' in field
    assert 'id="div_id_name"' in page
    assert "field invalid" in page


def test_unit_stands_beside_the_number_and_zeros_go() -> None:
    page = html(Sample(initial={"dose": Decimal("150.00")}))
    assert 'value="150"' in page
    assert "<span>mg</span>" in page


class Bounded(TandemForm):
    """Fields that take only so much."""

    name = forms.CharField(max_length=5)
    count = forms.IntegerField(min_value=2, max_value=9)
    dose = forms.DecimalField(max_digits=4, decimal_places=1)
    email = forms.EmailField()
    said = forms.CharField(max_length=3, error_messages={"max_length": "Three letters."})


def test_what_does_not_fit_is_said_in_our_words() -> None:
    typed = {"name": "Ottilie", "count": "10", "dose": "1.25", "email": "nope", "said": "four"}
    assert Bounded(typed).errors == {
        "name": ["The text has 7 characters; 5 is the most."],
        "count": ["9 is the most. Check the number."],
        "dose": ["Too many digits after the point: 1 is the most."],
        "email": ["This is no e-mail address. Write it as name@example.org."],
        "said": ["Three letters."],
    }
    assert Bounded({**typed, "count": "1", "dose": "12345"}).errors["count"] == ["2 is the least. Check the number."]
    assert Bounded({**typed, "dose": "12345"}).errors["dose"] == ["The number has too many digits. Check it."]


def test_a_field_added_later_is_made_fit_too() -> None:
    form = Bounded({"late": "12345"})
    form.fields = {"late": forms.CharField(max_length=4)}
    assert form.errors == {"late": ["The text has 5 characters; 4 is the most."]}


def test_an_empty_field_says_what_to_do() -> None:
    assert Sample({}).errors == {
        "name": ["Fill this in."],
        "dose": ["Enter a number."],
        "day": ["Enter the day."],
        "kind": ["Choose one of these."],
    }


def test_a_field_s_own_sentence_stays() -> None:
    class Own(TandemForm):
        name = forms.CharField(error_messages={"required": "Write the name as on the card."})

    assert Own({}).errors == {"name": ["Write the name as on the card."]}


def test_optional_is_said() -> None:
    assert html(Sample()).count(">optional<") == 1


def test_dates_get_the_browsers_picker() -> None:
    assert 'type="date"' in html(Sample())


def test_text_has_a_length() -> None:
    form = Sample({"name": "x" * (LINE + 1)})
    assert "name" in form.errors
    assert f'maxlength="{LINE}"' in html(Sample())


def test_text_comes_out_clean() -> None:
    form = Sample(
        {"name": "  Ana\u202e \t Quiroga ", "words": "one\r\ntwo", "dose": "1", "day": "2026-01-02", "kind": "a"}
    )
    assert form.is_valid(), form.errors
    assert form.cleaned_data["name"] == "Ana Quiroga"
    assert form.cleaned_data["words"] == "one\ntwo"


def test_nul_and_half_characters_are_errors_beside_the_field() -> None:
    for bad in ("a\x00b", "a\ud800b"):
        assert "name" in Sample({"name": bad}).errors


@given(st.text())
def test_clean_text_can_be_stored_and_stays_clean(text: str) -> None:
    try:
        once = cleaned(text, lines=True)
    except forms.ValidationError:
        assert "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text)
        return
    once.encode()
    assert not UNSEEN & set(once)
    assert cleaned(once, lines=True) == once


class When(TandemForm):
    """A moment in Boise."""

    at = LocalDateTimeField()

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["at"].zone = ZoneInfo("America/Boise")  # type: ignore[attr-defined]


def test_a_moment_is_in_the_zone_of_its_form() -> None:
    form = When({"at": "2026-11-23T14:00"})
    assert form.is_valid()
    assert form.cleaned_data["at"] == datetime(2026, 11, 23, 14, tzinfo=ZoneInfo("America/Boise"))


def test_impossible_moments_are_told() -> None:
    for bad in ("2026-02-30T10:00", "tomorrow", "9999-01-01T00:00", "0001-01-01T00:00", "2026-11-23T14:00+01:00"):
        assert "at" in When({"at": bad}).errors
