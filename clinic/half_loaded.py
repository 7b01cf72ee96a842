"""A demo practice that is half loaded: the database says so, and the next start makes its tables anew.

The mark is the comment of the schema: it goes with the schema, and no table has to exist for it.
"""

from django.db import connection, transaction

MARK = "Tandem: the demo practice is being loaded"
SCHEMA = "public"


def begin() -> None:
    """Mark the database as half loaded, in the transaction of the first steps."""
    _comment(MARK)


def end() -> None:
    """The demo practice is whole, in the transaction of the last steps."""
    _comment(None)


def is_marked() -> bool:
    """Whether a load began here and never ended."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(to_regnamespace(%s), 'pg_namespace')", [SCHEMA])
        return bool(cursor.fetchone()[0] == MARK)


def clear() -> None:
    """Throw away the tables of a half-loaded demo practice. Raises where there is none: real data are never touched."""
    with transaction.atomic(), connection.cursor() as cursor:
        if not is_marked():
            raise RuntimeError("There is no half-loaded demo practice in this database.")
        cursor.execute(f"DROP SCHEMA {SCHEMA} CASCADE")
        cursor.execute(f"CREATE SCHEMA {SCHEMA}")


def _comment(words: str | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"COMMENT ON SCHEMA {SCHEMA} IS %s", [words])
