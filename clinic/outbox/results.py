"""How a handler says that an item is not done: tried again later on purpose, or never again."""

from datetime import datetime


class Later(Exception):
    """The item waits until `at`, on purpose (a limit, say); it does not count as an attempt that went wrong."""

    def __init__(self, at: datetime, why: str) -> None:
        super().__init__(why)
        self.at = at
        self.why = why


class Undeliverable(Exception):
    """Trying again would not help; `why` names no person and no number."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Unreachable(Exception):
    """The other side did not answer, or asked to be tried again; `why` names no person and no number."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why
