"""docs/jobs.md lists the schedule as the settings have it."""

from pathlib import Path

from django.conf import settings

from clinic.outbox.schedule import every

PAGE = Path(__file__).resolve().parents[3] / "docs" / "jobs.md"


def test_the_table_is_the_settings() -> None:
    told = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    assert told == [f"| `{name}` | {every(job['schedule'])} | {job['words']} |" for name, job in settings.JOBS.items()]
