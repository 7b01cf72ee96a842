"""What changes between two versions of the data: added, gone, and each field with old → new."""

import json
from copy import deepcopy
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from medications.catalogue import load, versions
from medications.catalogue.models import Drug, Product
from medications.safety import knowledge

OLD = {
    "sertraline": {"classes": ["SSRI"], "adult": {"max": 200, "note": ""}, "products": [{"form": "tablet", "mg": 25}]},
    "aspirotan": {"classes": []},
}
NEW = {
    "sertraline": {
        "classes": ["SSRI", "hyponatremia"], "adult": {"max": 250, "note": "Slowly."},
        "products": [{"form": "tablet", "mg": 50}],
    },
    "novidone": {"classes": []},
}  # fmt: skip


def test_two_small_versions_field_by_field() -> None:
    assert versions.entries(OLD, NEW) == [
        "novidone is new",
        "aspirotan is gone",
        "sertraline: adult.max 200 → 250",
        "sertraline: adult.note nothing → Slowly.",
        "sertraline: classes gains hyponatremia",
        "sertraline: products[0].mg 25 → 50",
    ]


def test_the_same_says_nothing() -> None:
    assert versions.entries(OLD, deepcopy(OLD)) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ({"a": [1, 2]}, {"a": [2, 1]}, ["a [1, 2] → [2, 1]"]),
        ({"a": [1, 2, 3]}, {"a": [1]}, ["a loses 2", "a loses 3"]),
        ({"a": 1}, {}, ["a 1 → nothing"]),
        ({"a": True}, {"a": 1}, ["a true → 1"]),
        ({"a": None}, {"a": {"b": 1}}, ['a nothing → {"b": 1}']),
    ],
)
def test_every_kind_of_change_is_said(old: Any, new: Any, said: list[str]) -> None:
    assert list(versions.fields(old, new)) == said


def test_two_entries_of_one_name_are_no_data() -> None:
    with pytest.raises(ValueError, match="twice"):
        versions.by([{"id": "IX-1"}, {"id": "IX-1"}], "id")


# --- the commands --------------------------------------------------------------------------


def compared(command: str, path: Path, content: Any) -> list[str]:
    path.write_text(json.dumps(content), encoding="utf-8")
    out = StringIO()
    call_command(command, path, stdout=out)
    return out.getvalue().splitlines()[1:]


def drugs() -> list[dict[str, Any]]:
    return deepcopy(load.reference()[1])


def rules() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(knowledge.DATA.read_text(encoding="utf-8"))
    return found


def test_another_medications_json(tmp_path: Path) -> None:
    new = [one for one in drugs() if one["generic_name"] != "zuranolone"]
    sertraline = next(one for one in new if one["generic_name"] == "sertraline")
    sertraline["adult"]["label_max_mg_per_day"] = 250
    said = compared("compare_catalogue", tmp_path / "new.json", new)
    assert said == ["zuranolone is gone", "sertraline: adult.label_max_mg_per_day 200 → 250"]
    assert compared("compare_catalogue", tmp_path / "new.json", drugs()) == ["nothing changes"]


def test_another_interactions_json(tmp_path: Path) -> None:
    new = rules()
    first = new["interactions"][0]
    first["severity"], first["washout_days_a_to_b"] = "major", 7
    gone = new["allergy_cross"].pop(0)
    added = {**new["lifestyle_cautions"][0], "id": "LE-999"}
    new["lifestyle_cautions"].append(added)
    new["ingredient_components"]["olanzapine-fluoxetine"] = ["olanzapine"]
    assert compared("compare_interactions", tmp_path / "new.json", new) == [
        "components of olanzapine-fluoxetine: loses fluoxetine",
        "interaction IX-001 (SSRI with MAOI): severity contraindicated → major",
        "interaction IX-001 (SSRI with MAOI): washout_days_a_to_b 14 → 7",
        f"cross-allergy {gone['id']} (allergy to carbamazepine: oxcarbazepine) is gone",
        "lifestyle caution LE-999 (smoking stopped: clozapine) is new",
    ]
    assert compared("compare_interactions", tmp_path / "new.json", rules()) == ["nothing changes"]


@pytest.mark.parametrize("command", ["compare_catalogue", "compare_interactions"])
@pytest.mark.parametrize("content", [{}, [], "x", 5, [{"name": "x"}]])
def test_a_file_that_is_none_is_refused_in_a_sentence(tmp_path: Path, command: str, content: Any) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        compared(command, tmp_path / "new.json", content)


@pytest.mark.django_db
def test_the_loader_says_each_field_old_and_new(monkeypatch: pytest.MonkeyPatch) -> None:
    new = drugs()
    sertraline = next(one for one in new if one["generic_name"] == "sertraline")
    sertraline["adult"]["label_max_mg_per_day"] = 250
    monkeypatch.setattr(load, "reference", lambda: ("later", new))
    found = load.load(Drug, Product)
    assert found.changes == ["sertraline: adult.label_max_mg_per_day 200 → 250"]
    assert str(found).splitlines()[1:] == found.changes
    assert Drug.objects.get(generic_name="sertraline").facts["adult"]["label_max_mg_per_day"] == 250
    assert load.load(Drug, Product).changes == []
