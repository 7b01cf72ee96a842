"""Where the present request comes from, so that an audit row can say it without every action passing it on."""

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass
class Where:
    """The request: address, id, the URL's name, and what has been audited in it already."""

    address: str | None = None
    request_id: str = ""
    page: str = ""
    roles: list[str] = field(default_factory=list)
    polling: bool = False
    opened: set[tuple[UUID, UUID]] = field(default_factory=set)  # (viewer, patient) whose reading is recorded
    answers: dict[Any, Any] | None = None  # of `clinic.once`, where the request only reads


_where: ContextVar[Where | None] = ContextVar("where", default=None)


def here() -> Where:
    """The present request, or an empty one in tasks and commands."""
    return _where.get() or Where()


def enter(where: Where | None) -> None:
    """Set the present request; None when it ends."""
    _where.set(where)
