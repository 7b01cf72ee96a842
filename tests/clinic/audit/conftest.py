"""The sealer as it would be with a server of its own."""

import pytest

from clinic.audit import actions as audit

# The oldest open transaction of this database alone: beside us other tests keep theirs open on the same server.
OURS = (
    "(SELECT coalesce(min(backend_xid::text::xid8), pg_snapshot_xmax(pg_current_snapshot())) FROM pg_stat_activity"
    " WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid())"
)


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "OLDEST_OPEN", OURS)
