"""The staircase: what was ordered, filled; what is planned, dashed; today, pauses, checks, and how it is made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils.safestring import SafeString, mark_safe

from medications.prescribing.calc import short
from patients.chart.scales import nice
from patients.chart.shapes import Path, Point, Rect, Shape, Text, svg, text_width

WIDTH, HEIGHT = 1200.0, 306.0
LEFT, RIGHT, TOP, FLOOR = 54.0, 1080.0, 68.0, 216.0
CHECKS = 258.0
LEAST_DAYS = 21
CLEAR = 6.0  # between words and the line of today


@dataclass(frozen=True, slots=True)
class Tread:
    """A dose (mg an average day) from a day on."""

    day: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Mark:
    """A check: on a day, done without a finding, with one, or still to come."""

    day: date
    kind: str  # "ok", "found", "ahead"
    words: str = ""


@dataclass(frozen=True)
class Scene:
    """Everything that is drawn. `pauses`: from, until (None: still)."""

    name: str
    past: Sequence[Tread]
    planned: Sequence[Tread]
    today: date
    pauses: Sequence[tuple[date, date | None]] = ()
    checks: Sequence[Mark] = ()
    made: Sequence[tuple[date, str]] = ()  # from a day on: “tablets”, “liquid”
    key: str = "taper"


def draw(scene: Scene) -> SafeString:
    """The picture, as SVG with its sentence as title."""
    frame = _Frame(scene)
    shapes: list[Shape] = [
        *frame.axis(), *frame.filled(), *frame.dashed(), *frame.paused(), *frame.checks(), *frame.materials(),
        *frame.months(), *frame.now(),
    ]  # fmt: skip
    markup = svg(shapes, width=WIDTH, height=HEIGHT, title=sentence(scene), key=scene.key)
    return mark_safe(markup)  # noqa: S308 (shapes escape every word)


def sentence(scene: Scene) -> str:
    """The picture in a sentence."""
    now = scene.past[-1].amount if scene.past else Decimal(0)
    first = scene.past[0] if scene.past else None
    parts = [f"{scene.name} is {short(now)} mg a day on {_day(scene.today)}"]
    if first is not None and first.amount != now:
        parts[0] += f", from {short(first.amount)} mg on {_day(first.day)}"
    if scene.pauses and scene.pauses[-1][1] is None:
        parts.append(f"paused since {_day(scene.pauses[-1][0])}: the dose stays")
    if scene.planned:
        last = scene.planned[-1]
        how = "one step" if len(scene.planned) == 1 else f"{len(scene.planned)} steps"
        end = "to zero" if last.amount == 0 else f"to {short(last.amount)} mg"
        parts.append(f"planned in {how} {end} on {_day(last.day)}, {last.day.year}")
    return f"{'; '.join(parts)}."


class _Frame:
    """The scales of one picture."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        days = [one.day for one in (*scene.past, *scene.planned)] + [scene.today]
        self.start = min(days)
        self.end = max(max(days), self.start + timedelta(days=LEAST_DAYS))
        self.end += timedelta(days=max(4, (self.end - self.start).days // 20))
        amounts = [one.amount for one in (*scene.past, *scene.planned)]
        self.most = nice(max(amounts, default=Decimal(1)) or Decimal(1))

    def x(self, day: date) -> float:
        inside = min(max(day, self.start), self.end)
        return LEFT + (RIGHT - LEFT) * (inside - self.start).days / max((self.end - self.start).days, 1)

    def y(self, amount: Decimal) -> float:
        return FLOOR - (FLOOR - TOP) * float(amount / self.most)

    def axis(self) -> list[Shape]:
        shapes: list[Shape] = [Path("base", (((LEFT, FLOOR), (RIGHT, FLOOR)),)), Text("ax e", LEFT - 9, FLOOR + 4, "0")]
        for part in (Decimal("0.5"), Decimal(1)):
            y = self.y(self.most * part)
            shapes += [Path("grid", (((LEFT, y), (RIGHT, y)),)), Text("ax e", LEFT - 9, y + 4, short(self.most * part))]
        shapes.append(Text("ax", LEFT, 22, f"{self.scene.name}, mg a day"))
        return shapes

    def _line(self, treads: Sequence[Tread], until: date, before: Decimal | None = None) -> tuple[Point, ...]:
        points: list[Point] = []
        if before is not None and treads:
            points.append((self.x(self.scene.today), self.y(before)))
            points.append((self.x(treads[0].day), self.y(before)))
        for place, one in enumerate(treads):
            end = treads[place + 1].day if place + 1 < len(treads) else until
            points += [(self.x(one.day), self.y(one.amount)), (self.x(max(end, one.day)), self.y(one.amount))]
        return tuple(points)

    def filled(self) -> list[Shape]:
        if not self.scene.past:
            return []
        line = self._line(self.scene.past, self.scene.today)
        area = ((line[0][0], FLOOR), *line, (line[-1][0], FLOOR))
        return [Path("stair", (area,), closed=True), Path("edge", (line,)), *self._figures(self.scene.past, "tm big2")]

    def dashed(self) -> list[Shape]:
        if not self.scene.planned:
            return []
        before = self.scene.past[-1].amount if self.scene.past else Decimal(0)
        line = self._line(self.scene.planned, self.end, before)
        area = ((line[0][0], FLOOR), *line, (line[-1][0], FLOOR))
        return [
            Path("stair soft", (area,), closed=True), Path("plan", (line,)),
            *self._figures(self.scene.planned, "tm halo"),
        ]  # fmt: skip

    def _figures(self, treads: Sequence[Tread], cls: str) -> list[Shape]:
        """Each amount on its step; where two would touch, the later one is left out."""
        found: list[Shape] = []
        room = LEFT
        for one in treads:
            x, y, words = self.x(one.day) + 6, self.y(one.amount) - 7, short(one.amount)
            text = self._off(Text(cls, x, y, words), Text(f"{cls} halo e", self.now_x - CLEAR - 1, y, words))
            if text.left >= room and one.amount > 0:
                found.append(text)
                room = text.left + text.width + 8
        return found

    def paused(self) -> list[Shape]:
        """A pause stays filled, with its word on it: the dose is taken, it only does not change."""
        shapes: list[Shape] = []
        for start, until in self.scene.pauses:
            end = until or self.scene.today
            left, right = self.x(start), max(self.x(end), self.x(start) + 3)
            now = [one.amount for one in self.scene.past if one.day <= start]
            top = self.y(now[-1]) if now else TOP
            shapes.append(Rect("pause", left, top, right - left, FLOOR - top))
            y = FLOOR - 8 if top < FLOOR - 24 else top - 24
            shapes.append(self._beside("tm halo", (left + right) / 2, y, "paused"))
        return shapes

    @property
    def now_x(self) -> float:
        """Where the line of today stands."""
        return self.x(self.scene.today)

    def _beside(self, cls: str, middle: float, y: float, words: str) -> Text:
        """Words in the middle of a time, moved off the line of today and onto the picture."""
        half = text_width(words) / 2
        if abs(middle - self.now_x) < half + CLEAR:
            middle = self.now_x + (half + CLEAR) * (1 if middle > self.now_x else -1)
        if middle - half < LEFT:
            middle = max(self.now_x + half + CLEAR, LEFT + half)
        return Text(f"{cls} c", min(middle, RIGHT - half), y, words)

    def _off(self, text: Text, other: Text) -> Text:
        """The words as they are, or at the other side where the line of today would cross them."""
        return other if self._crossed(text) and other.left >= LEFT else text

    def _crossed(self, text: Text) -> bool:
        """Whether the line of today would cross the words, or touch them."""
        return text.left - CLEAR < self.now_x < text.left + text.width + CLEAR

    def checks(self) -> list[Shape]:
        shapes: list[Shape] = [
            Text("lab", RIGHT + 12, CHECKS - 4, "Checks"), Path("grid", (((LEFT, CHECKS + 6), (RIGHT, CHECKS + 6)),)),
        ]  # fmt: skip
        taken = [(self.x(one.day) - 8, self.x(one.day) + 8) for one in self.scene.checks]
        for one in reversed(self.scene.checks):  # where words have no room, the newest speak
            x = self.x(one.day)
            if one.kind == "ok":
                shapes.append(Path("okm", (((x - 5, CHECKS - 6), (x - 1, CHECKS - 1), (x + 6, CHECKS - 11)),)))
            elif one.kind == "found":
                shapes.append(Path("found", (((x - 6, CHECKS), (x, CHECKS - 12), (x + 6, CHECKS)),), closed=True))
                shapes += self._said(one.words, x, taken)
            else:
                shapes.append(Rect("ahead", x - 5, CHECKS - 11, 10, 10))
        return shapes

    def _said(self, words: str, x: float, taken: list[tuple[float, float]]) -> list[Shape]:
        """The words of a check at its right or its left, wherever nothing stands yet; the table has them anyway."""
        for text in (Text("lab", x + 10, CHECKS - 1, words), Text("lab e", x - 10, CHECKS - 1, words)):
            low, high = text.left, text.left + text.width
            free = all(high < left or low > right for left, right in taken)
            if free and low >= LEFT and high <= RIGHT and not self._crossed(text):
                taken.append((low, high))
                return [text]
        return []

    def materials(self) -> list[Shape]:
        shapes: list[Shape] = []
        room = LEFT
        for day, words in self.scene.made:
            x = self.x(day)
            text = Text("ax", x, FLOOR + 18, words)
            if self._crossed(text):
                text = Text("ax", self.now_x + CLEAR, FLOOR + 18, words)
            if text.left >= room:
                shapes.append(text)
                room = text.left + text.width + 14
        return shapes

    def months(self) -> list[Shape]:
        shapes: list[Shape] = []
        month, room = self.start.replace(day=1), LEFT
        while month <= self.end:
            x = self.x(month)
            if month >= self.start and x >= room:
                words = f"{month:%b}" if month.month > 1 else f"{month:%b %Y}"
                shapes += [Path("base", (((x, CHECKS + 6), (x, CHECKS + 12)),)), Text("ax", x, CHECKS + 28, words)]
                room = x + 40
            month = (month + timedelta(days=32)).replace(day=1)
        return shapes

    def now(self) -> list[Shape]:
        x = self.x(self.scene.today)
        words = f"today, {_day(self.scene.today)}"
        label = Text("lab e", x - 7, 40, words) if x > RIGHT - 110 else Text("lab", x + 7, 40, words)
        return [Path("today", (((x, 26), (x, CHECKS + 10)),)), label]


def _day(day: date) -> str:
    return f"{day:%b} {day.day}"
