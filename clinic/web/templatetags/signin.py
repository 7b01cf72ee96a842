"""What the sign-in pages say: our words on allauth's forms, and whose practice this is."""

from django import forms, template
from django.conf import settings

from clinic.practice.models import Practice
from clinic.practice.queries import the_practice
from clinic.web.signin import relabel

register = template.Library()


@register.filter
def in_our_words(form: forms.BaseForm) -> forms.BaseForm:
    """The form with our labels and hints."""
    return relabel(form)


@register.simple_tag
def practice_asks_for_it() -> bool:
    """Whether nobody goes on without a second factor (R-HS-06)."""
    asked: bool = settings.REQUIRE_MFA
    return asked


@register.simple_tag
def practice() -> Practice | None:
    """The practice, for its name and telephone."""
    return the_practice()
