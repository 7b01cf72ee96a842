"""What happened on the day of a long-acting injection, and where in the body."""

from django.db.models import TextChoices


class What(TextChoices):
    """Given by us, given somewhere else as told, or not given though it was due."""

    HERE = "here", "given here"
    ELSEWHERE = "elsewhere", "given elsewhere, as told"
    NOT_GIVEN = "not_given", "not given"


class Site(TextChoices):
    """The muscle, or the skin above it."""

    DELTOID_LEFT = "deltoid_left", "left upper arm (deltoid)"
    DELTOID_RIGHT = "deltoid_right", "right upper arm (deltoid)"
    GLUTEAL_LEFT = "gluteal_left", "left buttock (gluteal)"
    GLUTEAL_RIGHT = "gluteal_right", "right buttock (gluteal)"
    THIGH_LEFT = "thigh_left", "left thigh"
    THIGH_RIGHT = "thigh_right", "right thigh"
    ABDOMEN = "abdomen", "abdomen, under the skin"


GIVEN = (What.HERE, What.ELSEWHERE)
