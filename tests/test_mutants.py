"""`make mutants` stays possible: thirty faults and more, each of which can be seeded in the code as it is."""

from pathlib import Path
from typing import Any

import pytest

from tests.engines import ROOT
from tests.mutants.__main__ import main
from tests.mutants.fault import Fault
from tests.mutants.faults import FAULTS

FAULT = Fault("x", "refills/calc.py", "return Forecast(", "return (", ["refills/test_forecast.py"], "")


def test_thirty_and_more_each_named_once_with_its_reason() -> None:
    assert len(FAULTS) >= 30
    assert len({one.name for one in FAULTS}) == len(FAULTS)
    assert [one.name for one in FAULTS if not one.why.strip() or not one.tests] == []


def test_each_can_be_seeded_in_the_code_as_it_is() -> None:
    assert [found for one in FAULTS if (found := one.trouble(ROOT))] == []


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"file": "refills/gone.py"}, "there is no medications/refills/gone.py any more"),
        ({"old": "no such text"}, "stands 0 times"),
        ({"old": "timedelta("}, "not once"),
        ({"new": "return Forecast("}, "it changes nothing"),
        ({"tests": ["refills/test_forecast.py::test_gone"]}, "there is no test"),
    ],
)
def test_what_cannot_be_seeded_is_said(changed: dict[str, Any], says: str) -> None:
    assert says in Fault(**{**FAULT.__dict__, **changed}).trouble(ROOT)


def test_a_seeded_file_is_mended_whatever_happens(tmp_path: Path) -> None:
    path = tmp_path / "medications" / FAULT.file
    path.parent.mkdir(parents=True)
    text = FAULT.path(ROOT).read_text()
    path.write_text(text)
    before = path.stat().st_mtime_ns
    with FAULT.seeded(tmp_path):
        assert path.read_text() == text.replace(FAULT.old, FAULT.new) != text
    assert (path.read_text(), path.stat().st_mtime_ns) == (text, before)
    with pytest.raises(ZeroDivisionError), FAULT.seeded(tmp_path):
        1 / 0  # noqa: B018
    assert (path.read_text(), path.stat().st_mtime_ns) == (text, before)


def test_an_unknown_name_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["no such fault"]) == 1
    assert capsys.readouterr().out == "There is no fault “no such fault”.\n"
