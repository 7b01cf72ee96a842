"""Whether Tandem can work: one word for anybody who asks, the details go to the log."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import structlog
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from health_check.base import HealthCheckResult
from health_check.checks import Cache, Database

log = structlog.get_logger(__name__)
CHECKS = (Database, Cache)


async def _ask() -> list[HealthCheckResult]:
    return list(await asyncio.gather(*(check().get_result() for check in CHECKS)))


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """200 "ok" when the database and the cache answer, else 503; which of them fails is for the log alone.

    The checks run in a thread of their own, with connections of their own, whatever this one is doing.
    """
    with ThreadPoolExecutor(1) as thread:
        results = thread.submit(asyncio.run, _ask()).result()
    sick = [type(result.check).__name__ for result in results if result.error]
    if sick:
        log.error("unhealthy", parts=sick)
    return HttpResponse("not ok\n" if sick else "ok\n", content_type="text/plain", status=503 if sick else 200)
