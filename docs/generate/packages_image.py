"""The picture of the packages: layers, what each is for, and who imports whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from docs.generate import svg
from docs.generate.imports import TOPS, Edges, Imports, levels, purpose_of, reduced

_MARGIN, _PAD = 20, 16
_BAND_HEAD, _BAND_GAP = 42, 30
_BOX_HIGH, _ROW_GAP, _BOX_GAP = 48, 24, 16
_NARROWEST, _WIDEST = 218, 400
_MODULES_WIDE, _MODULE_LINE = 196, 15
_FEW = 3  # so many names of modules fit into the head of a band
_LETTER = 5.7  # of the small sans text, as wide as it gets on average
_SYNC_WIDE = 250
_CELL, _MATRIX_NAMES, _SLANT = 21, 170, 26

# From so many imports on, a dot of that radius: few sizes, so that few changes change the picture.
_DOTS = ((10, 7), (4, 5), (1, 3))
_ABOUT = {
    "admin_ui": "entries of the processes, console, command line, operations",
    "idp": "sign-in and OpenID Connect",
    "sync": "others in step",
    "web": "what all web applications share",
    "directory": "people, agencies, roles, decisions, audit, and their stores; no Flask",
}


@dataclass(frozen=True)
class _Place:
    """Where a box stands."""

    x: float
    y: float
    wide: float

    @property
    def middle(self) -> float:
        return self.x + self.wide / 2

    @property
    def bottom(self) -> float:
        return self.y + _BOX_HIGH


@dataclass(frozen=True)
class _Band:
    """One package at the top: the rows of packages in it, and the plain modules beside them."""

    top: str
    rows: Sequence[Sequence[str]]
    modules: Sequence[str]
    x: float
    y: float
    wide: float
    high: float = 0

    @property
    def module_lines(self) -> list[str]:
        names = [*(f"{name}," for name in self.modules[:-1]), *self.modules[-1:]]
        return svg.wrapped(names, 28) if len(names) > _FEW else []

    @property
    def height(self) -> float:
        rows = len(self.rows) * (_BOX_HIGH + _ROW_GAP) - _ROW_GAP
        lines = (len(self.module_lines) + 1) * _MODULE_LINE
        return max(self.high, _BAND_HEAD + max(rows, lines) + _PAD)


def draw() -> str:
    imports = Imports()
    bands = _bands(imports)
    parts = [
        svg.text(_MARGIN, 38, "The packages, and who may know whom", size=22, weight=600),
        svg.text(
            _MARGIN,
            60,
            "Imports go down only. Inside a package an arrow is left out where another way leads "
            "to the same one already.",
            colour=svg.MUTED,
        ),
    ]
    for band in bands.values():
        parts += _band(band, imports)
    parts += _between(bands)
    bottom = max(band.y + band.height for band in bands.values())
    matrix, height = _matrix(imports, bottom + 54)
    told = "From the top: " + "; ".join(
        f"{top} ({', '.join(unit.partition('.')[2] for unit in imports.packages(top))})"
        for top in TOPS
    )
    return svg.document(height, "The packages of Danh Mục as layers", told, [*parts, *matrix])


def _bands(imports: Imports) -> dict[str, _Band]:
    whole = svg.WIDTH - 2 * _MARGIN
    bands: dict[str, _Band] = {}
    y: float = 80
    for row in (("admin_ui",), ("idp", "sync"), ("web",), ("directory",)):
        x: float = _MARGIN
        for top in row:
            wide = _SYNC_WIDE if top == "sync" else whole
            wide -= _SYNC_WIDE + _PAD if len(row) > 1 and top != "sync" else 0
            rows = levels(imports.edges(imports.packages(top)))
            modules = [unit.partition(".")[2] for unit in imports.plain_modules(top)]
            bands[top] = _Band(top, rows, modules, x, y, wide)
            x += wide + _PAD
        high = max(bands[top].height for top in row)
        bands |= {top: replace(bands[top], high=high) for top in row}
        y += high + _BAND_GAP
    return bands


def _band(band: _Band, imports: Imports) -> list[str]:
    edge, ground = svg.COLOURS[band.top]
    about_x = band.x + _PAD + 11.6 * len(band.top) + 18
    parts = [
        svg.box(band.x, band.y, band.wide, band.height, fill=ground, stroke=edge, radius=8),
        svg.text(band.x + _PAD, band.y + 26, band.top, size=18, weight=700, colour=edge),
        svg.text(about_x, band.y + 26, _ABOUT[band.top], colour=svg.MUTED, size=13),
    ]
    edges = reduced(imports.edges(imports.packages(band.top)))
    places = _places(band, edges)
    for unit, below in sorted(edges.items()):
        parts += [_arrow(unit, other, places, edge) for other in sorted(below)]
    for unit, place in places.items():
        parts += _box(unit, place, edge)
    return parts + _plain_modules(band)


def _places(band: _Band, edges: Edges) -> dict[str, _Place]:
    """Each box of a row near the middle of those that import it."""
    aside = _MODULES_WIDE + _PAD if band.module_lines else 0
    room = band.wide - 2 * _PAD - aside
    places: dict[str, _Place] = {}
    for number, row in enumerate(band.rows):

        def wanted(unit: str) -> float:
            above = [place.middle for name, place in places.items() if unit in edges[name]]
            return sum(above) / len(above) if above else band.x + room / 2

        share = (room - (len(row) - 1) * 3 * _BOX_GAP) / len(row)
        wide = min(_WIDEST, room, max(_NARROWEST, share))
        gap = min(3 * _BOX_GAP, (room - len(row) * wide) / max(1, len(row) - 1))
        x = band.x + _PAD + (room - len(row) * wide - (len(row) - 1) * gap) / 2
        y = band.y + _BAND_HEAD + number * (_BOX_HIGH + _ROW_GAP)
        for place, unit in enumerate(sorted(row, key=wanted)):
            places[unit] = _Place(x + place * (wide + gap), y, wide)
    return places


def _box(unit: str, place: _Place, edge: str) -> list[str]:
    lines = svg.wrapped(purpose_of(unit).split(), int((place.wide - 20) / _LETTER))
    if len(lines) > 2:
        lines = [lines[0], f"{lines[1].rstrip(',;:')} …"]
    parts = [
        svg.box(place.x, place.y, place.wide, _BOX_HIGH, fill=svg.PAPER, stroke=edge, radius=5),
        svg.text(place.x + 10, place.y + 17, unit.partition(".")[2], size=13, weight=700),
    ]
    for number, line in enumerate(lines):
        y = place.y + 30 + 12 * number
        parts.append(svg.text(place.x + 10, y, line, size=10.5, colour=svg.MUTED))
    return parts


def _arrow(unit: str, other: str, places: Mapping[str, _Place], colour: str) -> str:
    """From a box to one below it, past the boxes of the rows between."""
    above, below = places[unit], places[other]
    start, end = above.bottom, below.y - 1
    between = [place for place in places.values() if above.y < place.y < below.y]
    path = f"M{above.middle:g} {start:g}"
    if not between:
        return svg.line(path + _curve(above.middle, start, below.middle, end), colour=colour)
    lane = _lane(above.middle, below.middle, between)
    first, last = start + _ROW_GAP, end - _ROW_GAP + 1
    path += _curve(above.middle, start, lane, first) + f"V{last:g}"
    return svg.line(path + _curve(lane, last, below.middle, end), colour=colour)


def _curve(x1: float, y1: float, x2: float, y2: float) -> str:
    bend = (y2 - y1) * 0.6
    return f"C{x1:g} {y1 + bend:g} {x2:g} {y2 - bend:g} {x2:g} {y2:g}"


def _lane(x1: float, x2: float, between: Sequence[_Place]) -> float:
    """The nearest way down on which no box stands."""
    sides = [x for place in between for x in (place.x - 8, place.x + place.wide + 8)]
    free = [
        x
        for x in (x2, x1, *sides)
        if not any(place.x - 7 < x < place.x + place.wide + 7 for place in between)
    ]
    return min(free, key=lambda x: abs(x - x1) + abs(x - x2))


def _plain_modules(band: _Band) -> list[str]:
    right = band.x + band.wide - _PAD
    if not band.module_lines:
        names = ", ".join(band.modules)
        y = band.y + (26 if band.top != "sync" else band.height - _PAD)
        return [svg.text(right, y, f"beside them: {names}", size=11, anchor="end")]
    x, y = right - _MODULES_WIDE, band.y + _BAND_HEAD
    parts = [svg.text(x, y + 10, "modules beside them", size=11, weight=600, colour=svg.MUTED)]
    for number, line in enumerate(band.module_lines, start=1):
        parts.append(svg.text(x, y + 12 + _MODULE_LINE * number, line, size=11, mono=True))
    return parts


def _between(bands: Mapping[str, _Band]) -> list[str]:
    """From one package at the top to those it may import."""
    parts = []
    for top, lower, share in (
        ("admin_ui", "idp", 0.5),
        ("admin_ui", "sync", 0.5),
        ("idp", "web", 0.5),
        # Past `web`, which sync does not know.
        ("sync", "directory", 0.07),
        ("web", "directory", 0.388),
    ):
        upper, under = bands[top], bands[lower]
        narrow = min(upper, under, key=lambda band: band.wide)
        x = narrow.x + share * narrow.wide
        path = f"M{x:g} {upper.y + upper.height:g}V{under.y - 1:g}"
        parts.append(svg.line(path, colour=svg.COLOURS[top][0], thickness=2.5))
    return parts


def _matrix(imports: Imports, y: float) -> tuple[list[str], float]:
    """Which package of ours uses which below it: a dot, larger for more imports."""
    below = [unit for row in levels(imports.edges(imports.packages("directory"))) for unit in row]
    columns = [*imports.packages("idp"), "sync.feed", "web", *below]
    rows = [unit for top in ("admin_ui", "idp", "sync") for unit in imports.packages(top)] + ["web"]
    wide = (svg.WIDTH - 2 * _MARGIN - _MATRIX_NAMES - _SLANT) / len(columns)
    left, top = _MARGIN + _MATRIX_NAMES, y + 118
    parts = [
        svg.text(_MARGIN, y + 6, "Who uses what of the packages below", size=16, weight=600),
        svg.text(
            _MARGIN,
            y + 26,
            "A row imports the columns with a dot: small for one to three imports, large for ten.",
            colour=svg.MUTED,
        ),
    ]
    for number, unit in enumerate(columns):
        x = left + (number + 0.5) * wide
        colour = svg.COLOURS[unit.partition(".")[0]][0]
        label = svg.text(0, 0, unit.replace("directory.", ""), size=11.5, colour=colour)
        parts.append(f'<g transform="translate({x + 4:g} {top - 8:g}) rotate(-50)">{label}</g>')
    for place, row in enumerate(rows):
        parts += _matrix_row(imports, row, columns, left, top + place * _CELL, wide)
    return parts, top + len(rows) * _CELL + _MARGIN


def _matrix_row(
    imports: Imports, row: str, columns: Sequence[str], left: float, y: float, wide: float
) -> list[str]:
    edge, ground = svg.COLOURS[row.partition(".")[0]]
    whole = svg.WIDTH - 2 * _MARGIN
    parts = [
        svg.box(_MARGIN, y, whole, _CELL - 2, fill=ground, stroke="none", radius=3),
        svg.text(_MARGIN + 8, y + 14, row, size=12, colour=edge, weight=600),
    ]
    for number, column in enumerate(columns):
        count = _count(imports, row, column)
        if count:
            size = next(size for least, size in _DOTS if count >= least)
            x = left + (number + 0.5) * wide
            parts.append(
                f'<circle cx="{x:g}" cy="{y + _CELL / 2 - 1:g}" r="{size:g}" fill="{edge}">'
                f"<title>{row} imports {column}</title></circle>"
            )
    return parts


def _count(imports: Imports, row: str, column: str) -> int:
    def is_of(unit: str, name: str) -> bool:
        return unit == name or (name == "web" and unit.startswith("web."))

    return sum(
        count
        for (importer, imported), count in imports.counts.items()
        if is_of(importer, row) and is_of(imported, column) and not is_of(imported, row)
    )
