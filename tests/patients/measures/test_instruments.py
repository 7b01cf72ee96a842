"""The definitions as data: what may be shown, and that nothing in them went unread (R-MB-02)."""

import dataclasses
import itertools
import json

import pytest

from patients.measures import instruments
from patients.measures.instruments import Alert, Choice, Item, Sizes

RAW = json.loads(instruments.DATA.read_text(encoding="utf-8"))["instruments"]


def test_only_licensed_wording_is_on_screen() -> None:
    assert [i.key for i in instruments.on_screen()] == [
        "phq9", "phq2", "gad7", "gad2", "pcl5", "pcptsd5", "auditc", "audit", "aims", "asq",
    ]  # fmt: skip
    shippable = {row["key"] for row in RAW if row["licence"]["item_text_may_be_shipped"]}
    assert {i.key for i in instruments.on_screen()} == shippable


def test_what_the_patient_answers_alone() -> None:
    assert [i.key for i in instruments.on_screen() if not i.by_patient] == ["aims", "asq"]


def test_wording_is_the_data_word_for_word() -> None:
    for row in RAW:
        found = instruments.get(row["key"])
        assert [(i.n, i.text) for i in found.items] == [(i["n"], i["text"]) for i in row["items"] or []]


def test_phq9_in_full() -> None:
    phq9 = instruments.get("phq9")
    assert (phq9.short_name, phq9.version) == ("PHQ-9", "US English, phqscreeners.com wording")
    assert phq9.alerts == (Alert(9, 1, "R-MB-07"),)
    assert phq9.sizes == Sizes(reliable=6, response_percent=50, remission_below=5, recovery_below=10, alternatives=(5,))
    assert phq9.minimum_days == 14
    assert phq9.item(9) == Item(
        n=9,
        text="Thoughts that you would be better off dead or of hurting yourself in some way",
        choices=tuple(
            Choice(value, label)
            for value, label in enumerate(["Not at all", "Several days", "More than half the days", "Nearly every day"])
        ),
        loinc="44260-8",
        scored=True,
        required=True,
        group="",
        follow_up="",
    )
    assert (phq9.item(10).scored, phq9.item(10).required) == (False, False)


def test_bands_cover_the_whole_range_without_a_gap() -> None:
    for found in instruments.everything().values():
        if found.bands and found.range:
            edges = [(band.least, band.most) for band in found.bands]
            assert (edges[0][0], edges[-1][1]) == found.range, found.key
            assert all(high + 1 == low for (_, high), (low, _) in itertools.pairwise(edges)), found.key


def test_short_names_are_short() -> None:
    assert {i.key: i.short_name for i in instruments.everything().values() if len(i.short_name) > 10} == {}


def test_definitions_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        instruments.get("phq9").key = "other"  # type: ignore[misc]


def test_unknown_key() -> None:
    with pytest.raises(KeyError):
        instruments.get("phq99")
