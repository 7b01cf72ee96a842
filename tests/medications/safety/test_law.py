"""Controlled substances before they are signed: telehealth (R-RX-09), the monitoring program (R-RX-10)."""

from datetime import date, timedelta

import pytest

from medications.safety.enums import Level
from medications.safety.facts import Limits
from tests.medications.safety.asked import TODAY, facts, found, levels, proposed

UNTIL = Limits(telehealth_until=TODAY)
OVER = Limits(telehealth_until=TODAY - timedelta(days=1))
EXAMINED = {"in_person_on": TODAY - timedelta(days=400)}


@pytest.mark.parametrize(
    ("drug", "known", "seen", "limits", "level"),
    [
        ("lorazepam", {}, "video", UNTIL, "note"),
        ("lorazepam", {}, "", UNTIL, "refuse"),
        ("lorazepam", EXAMINED, "", OVER, None),
        ("buprenorphine", {}, "", UNTIL, "refuse"),
        ("lorazepam", {}, "audio", UNTIL, "refuse"),
        ("lorazepam", {}, "in_person", OVER, None),
        ("lorazepam", {}, "video", OVER, "refuse"),
        ("lorazepam", {}, "", OVER, "refuse"),
        ("lorazepam", EXAMINED, "audio", OVER, None),
        ("buprenorphine", {}, "audio", UNTIL, "note"),  # opioid use disorder, III
        ("buprenorphine", {}, "audio", OVER, "refuse"),
        ("methadone", {}, "audio", UNTIL, "refuse"),  # II is not among them
        ("sertraline", {}, "audio", OVER, None),
    ],
)
def test_a_controlled_substance_begins_in_person_or_while_the_law_allows_video(
    drug: str, known: dict[str, date], seen: str, limits: Limits, level: str | None
) -> None:
    """R-RX-09"""
    said = levels(found(facts(**known), asks=proposed(drug, 1, seen=seen), limits=limits))
    assert said.get("controlled.telehealth") == level


def test_with_neither_examination_nor_modality_it_says_what_to_record_r_rx_09() -> None:
    (said,) = [one for one in found(asks=proposed("lorazepam", 1), limits=UNTIL) if one.code == "controlled.telehealth"]
    assert said.level == Level.REFUSE
    for words in ("the day of an examination in person", "in person or video", f"{TODAY:%b} {TODAY.day}, {TODAY.year}"):
        assert words in said.sentence


def test_what_goes_on_is_not_begun() -> None:
    """R-RX-09"""
    said = levels(found(asks=proposed("lorazepam", 1, starts=False), limits=OVER))
    assert "controlled.telehealth" not in said


@pytest.mark.parametrize(
    ("drug", "starts", "days_ago", "asked"),
    [
        ("lorazepam", True, 0, False),
        ("lorazepam", True, 1, True),  # before each new one
        ("lorazepam", True, None, True),
        ("lorazepam", False, 89, False),
        ("lorazepam", False, 90, True),
        ("gabapentin", True, None, True),  # held by the program too
        ("sertraline", True, None, False),
    ],
)
def test_the_program_is_looked_up_before_each_new_one_and_every_ninety_days(
    drug: str, starts: bool, days_ago: int | None, asked: bool
) -> None:
    """R-RX-10"""
    known = {} if days_ago is None else {"pdmp_on": TODAY - timedelta(days=days_ago)}
    said = levels(found(facts(**known), asks=proposed(drug, 1, starts=starts)))
    assert said.get("controlled.pdmp") == ("ask" if asked else None)


def test_without_a_supply_a_change_asks_nothing() -> None:
    """R-RX-10"""
    said = levels(found(asks=proposed("lorazepam", 1, starts=False, refills=None, days_supply=None)))
    assert "controlled.pdmp" not in said
