"""What a template may not hold: anything that the content-security policy would block, silently or loudly."""

import re
from pathlib import Path

import pytest

from tests.architecture import ROOT, templates

FORBIDDEN = {
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)[^>]*>", re.I),
    "inline style element": re.compile(r"<style\b", re.I),
    "inline style attribute": re.compile(r"\sstyle\s*=", re.I),
    "event attribute": re.compile(r"\son[a-z]+\s*=\s*[\"']", re.I),
    "hx-on (evaluates)": re.compile(r"hx-on[:=]", re.I),
    "js: value (evaluates)": re.compile(r"[\"'{,\s]js:", re.I),
    "trigger filter (evaluates)": re.compile(r"hx-trigger\s*=\s*[\"'][^\"']*\[", re.I),
    "javascript: address": re.compile(r"javascript:", re.I),
    "another host": re.compile(r"(?:src|href|action|hx-(?:get|post))\s*=\s*[\"']?(?:https?:)?//", re.I),
    "safe filter": re.compile(r"\|\s*safe\b"),
    "autoescape off": re.compile(r"autoescape\s+off"),
}
FORM = re.compile(r"<form\b(.*?)>(.*?)</form>", re.I | re.S)


@pytest.mark.parametrize("path", templates(), ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_nothing_the_policy_blocks(path: Path) -> None:
    text = path.read_text()
    found = [what for what, pattern in FORBIDDEN.items() if pattern.search(text)]
    assert found == []


@pytest.mark.parametrize("path", templates(), ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_every_form_that_posts_carries_the_token(path: Path) -> None:
    """{% csrf_token %}, or crispy's own, or an htmx form, for which <body> sends the header."""
    for attributes, inside in FORM.findall(path.read_text()):
        if re.search(r"method\s*=\s*[\"']?post", attributes, re.I):
            assert "csrf" in inside or "hx-post" in attributes, attributes


def test_the_patterns_find_what_they_name() -> None:
    bad = {
        "inline script": "<script>alert(1)</script>",
        "inline style element": "<style>a{}</style>",
        "inline style attribute": '<p style="color:red">',
        "event attribute": '<a onclick="x()">',
        "hx-on (evaluates)": '<a hx-on:click="x()">',
        "js: value (evaluates)": "<a hx-vals='js:{a: 1}'>",
        "trigger filter (evaluates)": '<a hx-trigger="click[ctrlKey]">',
        "javascript: address": '<a href="javascript:x()">',
        "another host": '<img src="https://cdn.example/x.png">',
        "safe filter": "{{ words|safe }}",
        "autoescape off": "{% autoescape off %}",
    }
    assert {what for what, pattern in FORBIDDEN.items() if pattern.search(bad[what])} == set(FORBIDDEN)
    assert not FORBIDDEN["inline script"].search('<script src="/static/x.js" defer></script>')
