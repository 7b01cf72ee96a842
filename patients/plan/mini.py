"""The course of one objective as a thin line: where it began, where it stands, a stroke where it is to go."""

from decimal import Decimal
from html import escape

LEFT, RIGHT, MIDDLE = 8.0, 142.0, 9.0


def mini(start: Decimal | None, now: Decimal | None, aim: Decimal | None, words: str) -> str:
    """The line as markup; "" while less than two of the three are known."""
    known = [value for value in (start, now, aim) if value is not None]
    if len(known) < 2:
        return ""
    low, high = min(known), max(known)
    span = high - low or Decimal(1)

    def x(value: Decimal) -> str:
        return f"{LEFT + float((value - low) / span) * (RIGHT - LEFT):.1f}"

    parts = [f'<path class="base" d="M4 {MIDDLE:.0f}H146"/>']
    if start is not None and now is not None:
        parts.append(f'<path class="s1" d="M{x(start)} {MIDDLE:.0f}H{x(now)}"/>')
    if start is not None:
        parts.append(f'<circle class="p2" cx="{x(start)}" cy="{MIDDLE:.0f}" r="4"/>')
    if aim is not None:
        parts.append(f'<path class="today" d="M{x(aim)} 1V17"/>')
    if now is not None:
        parts.append(f'<circle class="p1" cx="{x(now)}" cy="{MIDDLE:.0f}" r="5"/>')
    inside = "".join(parts)
    return f'<svg class="chart mini" viewBox="0 0 150 18" role="img" aria-label="{escape(words)}">{inside}</svg>'
