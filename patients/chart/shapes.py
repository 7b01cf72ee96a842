"""Shapes of a drawing and their markup: classes and presentation attributes only, so that no style is ever inline."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

Point = tuple[float, float]


def _n(value: float) -> str:
    """A coordinate with one digit at most: what the eye can tell apart."""
    return f"{value:.1f}".removesuffix(".0")


@dataclass(frozen=True, slots=True)
class Path:
    """One or more polylines; `closed` ones are areas."""

    cls: str
    lines: tuple[tuple[Point, ...], ...]
    closed: bool = False

    def points(self) -> list[Point]:
        """Every corner."""
        return [point for line in self.lines for point in line]

    def markup(self) -> str:
        """The element."""
        ends = "Z" if self.closed else ""
        d = "".join("M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in line) + ends for line in self.lines)
        return f'<path class="{self.cls}" d="{d}"/>'


@dataclass(frozen=True, slots=True)
class Rect:
    """A box."""

    cls: str
    x: float
    y: float
    width: float
    height: float

    def points(self) -> list[Point]:
        """Two opposite corners."""
        return [(self.x, self.y), (self.x + self.width, self.y + self.height)]

    def markup(self) -> str:
        """The element."""
        box = f'x="{_n(self.x)}" y="{_n(self.y)}" width="{_n(self.width)}" height="{_n(self.height)}"'
        return f'<rect class="{self.cls}" {box}/>'


@dataclass(frozen=True, slots=True)
class Dot:
    """A point of a curve."""

    cls: str
    x: float
    y: float
    r: float

    def points(self) -> list[Point]:
        """The edge, left above and right below."""
        return [(self.x - self.r, self.y - self.r), (self.x + self.r, self.y + self.r)]

    def markup(self) -> str:
        """The element."""
        return f'<circle class="{self.cls}" cx="{_n(self.x)}" cy="{_n(self.y)}" r="{_n(self.r)}"/>'


@dataclass(frozen=True, slots=True)
class Text:
    """Words at a place; `figure` stands before them, larger. Class e anchors at their end, c in their middle."""

    cls: str
    x: float
    y: float
    words: str
    figure: str = ""
    figure_cls: str = "big"

    @property
    def width(self) -> float:
        """About as wide as it will be drawn."""
        return text_width(f"{self.figure} {self.words}" if self.figure else self.words)

    @property
    def left(self) -> float:
        """Where it begins."""
        classes = self.cls.split()
        if "e" in classes:
            return self.x - self.width
        return self.x - self.width / 2 if "c" in classes else self.x

    def points(self) -> list[Point]:
        """Where it is anchored."""
        return [(self.x, self.y)]

    def markup(self) -> str:
        """The element; words are escaped here and nowhere else."""
        figure = f'<tspan class="{self.figure_cls}">{escape(self.figure)}</tspan> ' if self.figure else ""
        return f'<text class="{self.cls}" x="{_n(self.x)}" y="{_n(self.y)}">{figure}{escape(self.words)}</text>'


Shape = Path | Rect | Dot | Text


def text_width(words: str) -> float:
    """About how wide words are at 14 px; wide scripts count double."""
    return sum(6.9 if ord(c) < 0x2E80 else 14 for c in words)


def svg(shapes: Iterable[Shape], *, width: float, height: float, title: str, key: str) -> str:
    """The whole picture, named by a sentence for those who cannot see it."""
    inside = "".join(shape.markup() for shape in shapes)
    return (
        f'<svg class="chart chart-{key}" viewBox="0 0 {_n(width)} {_n(height)}" role="img"'
        f' aria-labelledby="{key}-title"><title id="{key}-title">{escape(title)}</title>{inside}</svg>'
    )


def spread(wanted: Sequence[float], least: float, low: float, high: float) -> list[float]:
    """Places as near as can be to `wanted`, in the same order, `least` apart and between `low` and `high`.

    Where they cannot all fit they start at `low` and run on.
    """
    order = sorted(range(len(wanted)), key=lambda i: (wanted[i], i))
    placed: list[float] = []
    for i in order:
        here = min(max(wanted[i], low), high)
        placed.append(max(here, placed[-1] + least) if placed else here)
    ceiling = high
    for k in range(len(placed) - 1, -1, -1):
        placed[k] = min(placed[k], ceiling)
        ceiling = placed[k] - least
    if placed and placed[0] < low:
        placed = [low + k * least for k in range(len(placed))]
    found = [0.0] * len(wanted)
    for k, i in enumerate(order):
        found[i] = placed[k]
    return found
