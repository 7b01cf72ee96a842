"""Switching a note's format maps and loses nothing (R-PN-01)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.notes import formats
from patients.notes.enums import Format, Kind
from patients.notes.formats import Field

ANY_FORMAT = st.sampled_from(list(Format))
TEXT = st.text(max_size=60) | st.sampled_from(["Data:\nno", "Plan", "\n\n", " ", "Subjective:\n", "ä​"])
ANY_PARTS = st.dictionaries(st.sampled_from(formats.KEYS), TEXT)


def labels(note_format: str) -> list[str]:
    return [section.label for section in formats.sections(note_format)]


def test_r_pn_01_section_lists() -> None:
    assert {name: labels(name) for name in Format} == {
        "SOAP": ["Subjective", "Objective", "Assessment", "Plan"],
        "DAP": ["Data", "Assessment", "Plan"],
        "BIRP": ["Behavior", "Intervention", "Response", "Plan"],
        "GIRP": ["Goal", "Intervention", "Response", "Plan"],
        "PIRP": ["Problem", "Intervention", "Response", "Plan"],
        "MED": [
            "Since the last visit",
            "Medicines and their effects",
            "Mental status",
            "Therapy in this visit",
            "Assessment",
            "Plan",
        ],
    }


@given(ANY_PARTS, st.lists(ANY_FORMAT, min_size=2, max_size=6))
def test_r_pn_01_switching_through_any_formats_and_back_shows_the_same_note(
    parts: dict[str, str], way: list[Format]
) -> None:
    first = way[0]
    start = formats.switch(parts, first, first)
    now = start
    for before, after in zip(way, [*way[1:], first], strict=True):
        now = formats.switch(now, before, after)
    assert now == start
    assert formats.present(now, first) == formats.present(parts, first)
    assert formats.as_text(now, first) == formats.as_text(parts, first)


@given(ANY_PARTS, ANY_FORMAT)
def test_r_pn_01_every_text_stands_exactly_once_in_every_format(parts: dict[str, str], note_format: Format) -> None:
    fields = [field for shown in formats.present(parts, note_format) for field in shown.fields]
    assert len({field.key for field in fields}) == len(fields)
    assert {field.key: field.text for field in fields if field.text} == {k: v for k, v in parts.items() if v}
    everything = "".join(formats.as_text(parts, note_format).values())
    assert all(text in everything for text in parts.values())


@given(ANY_PARTS, ANY_FORMAT, ANY_FORMAT)
def test_switching_leaves_no_field_of_the_new_format_out(parts: dict[str, str], before: Format, after: Format) -> None:
    switched = formats.switch(parts, before, after)
    own = {section.key for section in formats.sections(after)}
    assert set(switched) == own | {key for key, text in parts.items() if text}
    assert set(formats.field_keys(switched, after)) == set(switched)


def test_dap_as_soap() -> None:
    parts = formats.switch({"data": "Drove alone.", "assessment": "Ready.", "plan": "Step 5."}, "DAP", "SOAP")
    assert formats.as_text(parts, "SOAP") == {
        "Subjective": "Data:\nDrove alone.",
        "Objective": "",
        "Assessment": "Ready.",
        "Plan": "Step 5.",
    }
    assert formats.present(parts, "SOAP")[0].fields == (
        Field("subjective", "Subjective", "", guest=False),
        Field("data", "Data", "Drove alone.", guest=True),
    )


def test_birp_as_dap_and_words_added_there_stay() -> None:
    birp = {"behavior": "Tense.", "intervention": "Exposure.", "response": "Calmer.", "plan": "Again."}
    dap = formats.switch(birp, "BIRP", "DAP") | {"data": "Brought her log."}
    assert formats.as_text(dap, "DAP") == {
        "Data": "Brought her log.\n\nBehavior:\nTense.\n\nIntervention:\nExposure.",
        "Assessment": "Response:\nCalmer.",
        "Plan": "Again.",
    }
    back = formats.switch(dap, "DAP", "BIRP")
    assert formats.as_text(back, "BIRP")["Behavior"] == "Tense.\n\nData:\nBrought her log."


def test_every_part_has_a_home_in_every_format() -> None:
    for note_format in Format:
        own = [section.key for section in formats.sections(note_format)]
        for key in formats.KEYS:
            home = formats.home(key, note_format)
            assert home == key if key in own else home in formats.NEAREST[key], (key, note_format)


def test_empty_sections_count_guests_and_forgive_the_optional() -> None:
    assert [s.key for s in formats.empty_sections({"data": "x", "plan": " \n"}, "DAP")] == ["assessment", "plan"]
    assert [s.key for s in formats.empty_sections({"data": "x"}, "SOAP")] == ["objective", "assessment", "plan"]
    assert [s.key for s in formats.empty_sections({}, "MED")] == [
        "interval", "medicines", "mental_status", "assessment", "plan",
    ]  # fmt: skip


def test_formats_of_each_kind_of_note() -> None:
    assert formats.formats_for(Kind.SESSION) == ("DAP", "SOAP", "BIRP", "GIRP", "PIRP")
    assert formats.formats_for(Kind.MEDICATION) == ("MED", "SOAP")


def test_unknown_names_are_refused_rather_than_lost() -> None:
    with pytest.raises(ValueError, match="Unknown parts of a note: diary"):
        formats.present({"diary": "x"}, "DAP")
    with pytest.raises(ValueError, match="Unknown parts of a note: diary"):
        formats.switch({"diary": ""}, "DAP", "SOAP")
    with pytest.raises(ValueError, match="HTML"):
        formats.sections("HTML")
