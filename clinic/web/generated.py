"""Pages that are generated from data, so that they cannot be wrong: the permission table."""

from pathlib import Path

from django.conf import settings

from clinic.permissions import CAPABILITIES, GRANTS
from clinic.staff.enums import Role

FOLDER = Path(settings.BASE_DIR) / "docs" / "generated"
SCOPES = {"practice": "all", "team": "own", "supervised": "theirs"}


def permissions() -> str:
    """The permission table as Markdown: a row a capability, a column a role."""
    lines = [
        "# Who may do what",
        "",
        "Generated from `clinic/permissions.py` by `manage.py write_docs`; a test compares them.",
        "",
        "**all**: for anybody of the practice. **own**: patients on whose care team the person is today, cover and",
        "emergency access included. **theirs**: patients of the people whom they supervise. Empty: not at all.",
        "",
        "| | " + " | ".join(role.label for role in Role) + " |",
        "|---|" + "---|" * len(Role),
    ]
    for capability, words in CAPABILITIES.items():
        cells = []
        for role in Role:
            scopes = [g.scope for g in GRANTS if g.role == role and g.capability == capability]
            cells.append(", ".join(SCOPES[scope] for scope in scopes))
        lines.append(f"| {words} (`{capability}`) | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


PAGES = {"permissions.md": permissions}
