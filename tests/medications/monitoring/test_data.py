"""The data: read once, versioned, licensed, and compared with a newer version before it is installed."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from clinic.practice.config import KEYS
from medications.monitoring import circumstances, knowledge


def raw() -> Any:
    return json.loads(knowledge.DATA.read_text(encoding="utf-8"))


def said(path: Path) -> list[str]:
    out = StringIO()
    call_command("compare_monitoring", path, stdout=out)
    return out.getvalue().splitlines()[1:]


def test_read_once_with_a_version_that_names_it() -> None:
    assert knowledge.current() is knowledge.current()
    assert knowledge.current().version.startswith("2026-11-23 ")


def test_the_licence_of_loinc_stands_beside_the_data_and_on_the_page() -> None:
    readme = (knowledge.DATA.parent / "README.md").read_text(encoding="utf-8")
    for text in (readme, knowledge.current().attribution):
        assert "This material contains content from LOINC (http://loinc.org)." in text


def test_a_newer_version_says_what_it_changes(tmp_path: Path) -> None:
    new = raw()
    lithium = next(one for one in new["protocols"] if one["key"] == "lithium")
    lithium["items"][0]["alert"]["high"] = 1.0
    lithium["watch_signs"].append("One more.")
    del lithium["items"][1]
    new["protocols"] = [one for one in new["protocols"] if one["key"] != "prolactin"]
    path = tmp_path / "new.json"
    path.write_text(json.dumps(new))
    assert said(path) == [
        "protocol prolactin is gone", "lithium: no longer asks for eGFR (creatinine, CKD-EPI 2021)",
        "lithium: Lithium, serum (12 hours after the last dose): alert.high 1.2 → 1.0",
        "lithium: watch_signs gains One more.",
    ]  # fmt: skip
    path.write_text(json.dumps(raw()))
    assert said(path) == ["nothing changes"]
    path.write_text("{}")
    with pytest.raises(CommandError):
        said(path)


def test_codes_of_ours_say_nothing_clinical() -> None:
    """They stand in addresses (R-HS-07)."""
    for code in knowledge.current().codes():
        assert code == "aims" or code.startswith("t-") or code.replace("-", "").isdigit()
        assert len(code) <= 20


def test_every_profile_and_flag_can_be_chosen() -> None:
    known = knowledge.current()
    for key, protocol in known.protocols.items():
        if len(protocol.profiles) > 1 and key != "clozapine":  # a named decision for one person
            assert set(KEYS[f"monitoring_{key}"].choices) == set(protocol.profiles)
            assert KEYS[f"monitoring_{key}"].default == protocol.default
    flags = {
        part.get("flag") or part.get("genotype")
        for one in known.predicates.values() for part in one["test"].get("any_of", [])
    } - {None}  # fmt: skip
    assert flags <= set(circumstances.KNOWN)
    assert set(circumstances.KNOWN) - flags == {"clozapine_individual"}


def test_the_look_up_of_r_rx_10_is_attested_where_it_is_signed_and_not_asked_here() -> None:
    everything = [item.name for one in knowledge.current().protocols.values() for item in one.items]
    assert [name for name in everything if "PDMP" in name] == []
    assert "pdmp" not in knowledge.current().protocols
