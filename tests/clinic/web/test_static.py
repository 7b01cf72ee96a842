"""Static files as production serves them: every name in a template is there, hashed, imports included."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command

from tests.architecture import templates

NAMED = re.compile(r"""\{%\s*static\s+['"]([^'"]+)['"]""")


def test_every_file_that_a_template_names_is_there() -> None:
    missing = {
        f"{path.name}: {name}"
        for path in templates()
        for name in NAMED.findall(path.read_text())
        if not finders.find(name)
    }
    assert missing == set()


def test_names_are_hashed_and_so_are_the_imports(tmp_path: Path, settings: Any) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES, "staticfiles": {"BACKEND": "clinic.web.storage.HashedStatic"}
    }  # fmt: skip
    settings.WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["js", "css", "svg", "woff2", "html", "png", "txt", "md"]
    call_command("collectstatic", interactive=False, verbosity=0)
    names = json.loads((tmp_path / "staticfiles.json").read_text())["paths"]
    for name in ("css/tandem.css", "js/app.js"):
        text = (tmp_path / names[name]).read_text()
        imported = re.findall(r"""(?:@import url\(|import\s*)["']([^"']+)["']""", text)
        assert len(imported) >= 9
        assert [one for one in imported if not re.search(r"\.[0-9a-f]{12}\.(css|js)$", one)] == []
        assert all(((tmp_path / names[name]).parent / one).exists() for one in imported)


@pytest.mark.parametrize("letter", ["a", "ả", "Ł", "ễ"])
def test_a_vendored_font_has_the_letter(letter: str) -> None:
    """Upright and italic, in the subset whose unicode-range names the letter."""
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    sheet = finders.find("css/fonts.css")
    assert isinstance(sheet, str)
    faces = re.findall(
        r"font-style: (\w+);.*?url\(\"([^\"]+)\"\).*?unicode-range: ([^;]+);", Path(sheet).read_text(), re.S
    )
    styles = set()
    for style, url, ranges in faces:
        bounds = [part.strip()[2:].split("-") for part in ranges.split(",")]
        if any(int(b[0], 16) <= ord(letter) <= int(b[-1], 16) for b in bounds):
            file = finders.find(f"css/{url}".replace("css/../", ""))
            if ord(letter) in TTFont(file).getBestCmap():
                styles.add(style)
    assert styles == {"normal", "italic"}
