"""Whether Tandem can work: one word for anybody who asks, the details go to the log."""

from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse
from health_check.views import HealthCheckView

log = structlog.get_logger(__name__)


class Health(HealthCheckView):  # type: ignore[misc]
    """200 "ok" when the database and the cache answer, else 503; which of them fails is for the log alone."""

    checks = ["health_check.Database", "health_check.Cache"]

    def render(self, sick: list[str]) -> HttpResponse:
        """One word."""
        return HttpResponse("not ok\n" if sick else "ok\n", content_type="text/plain", status=503 if sick else 200)

    async def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask each; whatever format is asked for, the answer is the same word."""
        import asyncio

        with self.get_executor() as executor:
            results = await asyncio.gather(*(check.get_result(executor) for check in self.get_checks()))
        sick = [type(result.check).__name__ for result in results if result.error]
        if sick:
            log.error("unhealthy", parts=sick)
        return self.render(sick)
