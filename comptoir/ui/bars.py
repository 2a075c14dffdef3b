"""The geometry of a chart of bars: one column for each month, stacked parts, less than nothing below the line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

HEIGHT = 168  # pixels of the plot, without the months under it
ABOVE = 18  # pixels kept for the figure above the highest column
FILLED = 0.62  # of a column's width


@dataclass(frozen=True, slots=True)
class Column:
    """One month: its parts from the line upwards, each with a class of its own, and what stands above them."""

    month: date
    parts: Sequence[tuple[str, int]]  # class, size in any unit that all columns share
    words: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """One part as drawn: `x` and `width` in percent, `y` and `height` in pixels."""

    x: float
    y: float
    width: float
    height: float
    kind: str


@dataclass(frozen=True, slots=True)
class Foot:
    """What stands under and above a column; `x` is its middle in percent."""

    x: float
    month: date
    words: str
    words_y: float
    url: str


@dataclass(frozen=True, slots=True)
class Bars:
    """A chart as drawn: `line` is where nothing is, in pixels from the top."""

    blocks: Sequence[Block]
    feet: Sequence[Foot]
    line: float
    height: int


def draw_bars(columns: Sequence[Column]) -> Bars:
    """Place the columns side by side, the largest reaching the top. Without any size all stay on the line."""
    ups = [sum(size for _kind, size in column.parts if size > 0) for column in columns]
    downs = [-sum(size for _kind, size in column.parts if size < 0) for column in columns]
    reach = max(ups, default=0) + max(downs, default=0)
    scale = (HEIGHT - ABOVE) / reach if reach else 0.0
    line = ABOVE + max(ups, default=0) * scale if reach else float(HEIGHT)
    step = 100 / max(1, len(columns))
    blocks: list[Block] = []
    feet = []
    for nth, (column, up) in enumerate(zip(columns, ups, strict=True)):
        left = nth * step + step * (1 - FILLED) / 2
        blocks += _stack(column, left, step * FILLED, line, scale)
        feet.append(Foot(nth * step + step / 2, column.month, column.words, line - up * scale - 6, column.url))
    return Bars(blocks, feet, line, HEIGHT)


def _stack(column: Column, left: float, width: float, line: float, scale: float) -> list[Block]:
    above = below = line
    found = []
    for kind, size in column.parts:
        height = abs(size) * scale
        if size > 0:
            above -= height
            found.append(Block(left, above, width, height, kind))
        elif size < 0:
            found.append(Block(left, below, width, height, kind))
            below += height
    return found
