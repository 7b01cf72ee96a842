"""Vendored files are what the manifest says, byte for byte, with licences; nothing else lies beside them."""

import hashlib
import json

from tests.architecture import ROOT

VENDOR = ROOT / "static" / "vendor"
PACKAGES = json.loads((VENDOR / "manifest.json").read_text())["packages"]


def test_every_file_is_the_one_named() -> None:
    named = {name: told for package in PACKAGES for name, told in package["sha256"].items()}
    there = {
        str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert there == named


def test_every_package_has_version_integrity_and_licence() -> None:
    for package in PACKAGES:
        assert package["version"]
        assert package["licence"] in {"MIT", "0BSD", "Apache-2.0", "OFL-1.1"}
        assert package["integrity"].startswith("sha512-")
        assert any(name.endswith("/LICENSE") for name in package["sha256"])


def test_nothing_points_outside() -> None:
    """No style sheet or script of ours or theirs fetches from another host, and none names a source map."""
    for path in [*(ROOT / "static").rglob("*.css"), *(ROOT / "static" / "js").glob("*.js")]:
        text = path.read_text()
        assert "url(http" not in text.replace('"', "").replace("'", ""), path
        assert "sourceMappingURL" not in text, path


def test_every_style_sheet_is_in_use() -> None:
    """Each of our sheets is imported by tandem.css or another, or linked by a template."""
    sheets = list((ROOT / "static" / "css").glob("*.css"))
    texts = [path.read_text() for path in sheets] + [p.read_text() for p in (ROOT / "templates").rglob("*.html")]
    unused = [path.name for path in sheets if not any(path.name in text for text in texts)]
    assert unused == []


def test_no_module_is_long() -> None:
    modules = (ROOT / "static" / "js").rglob("*.js")
    assert [p.name for p in modules if len(p.read_text().splitlines()) > 150] == []
