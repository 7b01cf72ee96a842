"""What the session's page sends beside the text: read without trust, shown again as it was sent."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import QueryDict

from therapy.sessions.actions import Facts
from therapy.sessions.models import Session

MOST = 100  # objectives, techniques or pieces of homework that one page sends


def facts_sent(post: QueryDict) -> Facts:
    """The facts of a page that was sent. Whether they may be stored is the rules' to say."""
    marked = _by_id(post, "obj_")
    answered = _by_id(post, "hw_")
    return Facts(
        modality=post.get("modality", ""),
        response=post.get("response", ""),
        topic=post.get("topic", ""),
        objectives={key: (mark, post.get(f"how_{key}", "")) for key, mark in marked.items() if mark},
        techniques=list(dict.fromkeys(post.getlist("techniques")))[:MOST],
        results={key: (result, post.get(f"hwhow_{key}", "")) for key, result in answered.items()},
    )


def facts_stored(session: Session) -> Facts:
    """The same facts from the rows. Three queries."""
    return Facts(
        modality=session.modality,
        response=session.response,
        topic=session.topic,
        objectives={row.objective_id: (row.progress, row.how) for row in session.objectives.all()},
        techniques=list(session.techniques.values_list("key", flat=True)),
        results={row.pk: (row.result, row.result_words) for row in session.looked_at.all()},
    )


def new_homework(post: Mapping[str, Any]) -> tuple[str, str]:
    """Kind and words of homework that stands in the page's fields, not given yet."""
    return str(post.get("homework_kind", "")), str(post.get("homework_words", ""))


def _by_id(post: QueryDict, prefix: str) -> dict[UUID, str]:
    """The fields whose name is the prefix and a canonical id."""
    found: dict[UUID, str] = {}
    for name in post:
        if name.startswith(prefix) and len(found) < MOST:
            try:
                key = UUID(name.removeprefix(prefix))
            except ValueError:
                continue
            found[key] = str(post[name])
    return found
