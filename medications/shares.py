"""Work of the night in batches, shared out among the machine's processors; each batch is a transaction of its own."""

import os
import signal
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from itertools import pairwise
from typing import Any
from uuid import UUID

import billiard
from django.db import DEFAULT_DB_ALIAS, connection, connections

from clinic.garbage import settle
from clinic.rows import Row
from clinic.run.processes import tied_to_parent

MOST_PROCESSES = 4
LEAST_ROWS = 10_000  # of a table, for which several processors are asked at once
FIRST, LAST = UUID(int=0), UUID(int=2**128 - 1)
LEAST_EACH = 2  # batches; for fewer another process costs more than it brings

# A share has one processor, in the database too; what it sorts stays in memory.
ALONE = "SET max_parallel_workers_per_gather = 0; SET work_mem = '32MB'"

Keys = Sequence[Any]  # of what is done in batches
Work = Callable[[Keys], Mapping[str, int]]


def work_through(keys: Keys, work: Work, *, batch: int, alone: bool = False) -> Counter[str]:
    """Call `work` with every batch of the keys, in processes of their own where it is much; what they counted, added.

    `work` is a transaction, asks anew what is to be done with its keys, and leaves the same rows whoever was there
    before: so a killed run is finished by the next one, and a share that failed fails the run and loses nothing.
    `alone`: in this process, as where somebody waits for a page.
    """
    batches = [keys[first : first + batch] for first in range(0, len(keys), batch)]
    of = min(MOST_PROCESSES, os.cpu_count() or 1, len(batches) // LEAST_EACH)
    if alone or of < 2 or connection.in_atomic_block:  # what a transaction has written so far no other process sees
        return _all_of(batches, work)
    connection.close()  # no connection is shared
    context: Any = billiard.get_context("fork")  # Celery's own processes may have children by this kind alone
    tie = tied_to_parent(signal.SIGKILL)
    shares = []
    for number in range(of):
        ours, theirs = context.Pipe(duplex=False)
        share = context.Process(target=_share, args=(batches[number::of], work, theirs, tie))
        share.start()
        theirs.close()
        shares.append((share, ours))
    return _added(shares)


def asked(sql: str, given: Mapping[str, Any], *, keys: type[Row]) -> list[tuple[Any, ...]]:
    """The rows of a statement about the rows of `keys`, `%(after)s < id <= %(until)s`, in the order of these.

    Where they are many, every processor asks for a part of them, at the same time.
    """
    bounds = [FIRST, *_parted(keys), LAST]
    parts = [{**given, "after": after, "until": until} for after, until in pairwise(bounds)]
    if len(parts) == 1:
        return _rows(sql, parts[0])
    with ThreadPoolExecutor(len(parts)) as pool:  # a thread only waits for the database
        return [row for rows in pool.map(partial(_rows_apart, sql), parts) for row in rows]


def _parted(keys: type[Row]) -> list[UUID]:
    """The keys that part the rows into as many equal parts as there are processors; a few stay together."""
    of = 1 if connection.in_atomic_block else min(MOST_PROCESSES, os.cpu_count() or 1)
    count = 0 if of < 2 else keys._default_manager.count()
    if count < LEAST_ROWS:
        return []
    rows = keys._default_manager.order_by("pk").values_list("pk", flat=True)
    return [rows[count * number // of] for number in range(1, of)]


def _rows(sql: str, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return list(cursor.fetchall())


def _rows_apart(sql: str, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """By a connection of the thread's own."""
    try:
        return _rows(sql, given)
    finally:
        connection.close()


def _share(batches: Sequence[Keys], work: Work, told: Any, tie: Callable[[], None] | None) -> None:
    """What one process does."""
    if tie is not None:
        tie()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with suppress(AttributeError):  # one that another thread or loop of the parent has: psycopg2 leaves it open to them
        del connections[DEFAULT_DB_ALIAS]
    settle()
    with connection.cursor() as cursor:
        cursor.execute(ALONE)
    found = _all_of(batches, work)
    connection.close()
    told.send(dict(found))


def _all_of(batches: Sequence[Keys], work: Work) -> Counter[str]:
    found: Counter[str] = Counter()
    for one in batches:
        found.update(work(one))
    return found


def _added(shares: Sequence[tuple[Any, Any]]) -> Counter[str]:
    """What all shares counted, once each has ended; one that failed is an error."""
    found: Counter[str] = Counter()
    failed = 0
    for share, ours in shares:
        try:
            found.update(ours.recv())
        except EOFError:  # it ended before it told: why stands in the log
            failed += 1
        share.join()
    if failed:
        raise RuntimeError(f"{failed} of {len(shares)} shares of the work failed; what they had done stays done.")
    return found
