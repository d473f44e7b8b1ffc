"""Boxes, lines and text as SVG, in the colours of our own pages."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

WIDTH = 1280
SANS = "'Segoe UI', 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"
MONO = "ui-monospace, Consolas, 'DejaVu Sans Mono', monospace"
INK, MUTED, RULE, PAPER = "#1d2733", "#5a6675", "#c6ced8", "#ffffff"
# One colour a package at the top: edge, and ground.
COLOURS = {
    "admin_ui": ("#8a4b08", "#fdf3e7"),
    "idp": ("#8c1d2f", "#fceef0"),
    "sync": ("#5b3a8c", "#f4effb"),
    "web": ("#0b6157", "#e9f6f4"),
    "directory": ("#174a7c", "#ecf3fa"),
}


def document(height: float, title: str, description: str, parts: Iterable[str]) -> str:
    """A whole picture; title and description are for those who do not see it."""
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" '
            f'width="{WIDTH}" height="{height:g}" role="img" aria-labelledby="title desc" '
            f'font-family="{escape(SANS)}">',
            f'<title id="title">{escape(title)}</title>',
            f'<desc id="desc">{escape(description)}</desc>',
            '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
            'markerHeight="7" orient="auto"><path d="M0 .5 7.5 4 0 7.5Z" fill="context-stroke"/>'
            "</marker></defs>",
            box(0, 0, WIDTH, height, fill=PAPER, stroke="none", radius=0),
            *parts,
            "</svg>",
            "",
        ]
    )


def box(
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    fill: str,
    stroke: str,
    radius: float = 6,
    thickness: float = 1,
) -> str:
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{radius:g}" '
        f'fill="{fill}" stroke="{stroke}" stroke-width="{thickness:g}"/>'
    )


def text(
    x: float,
    y: float,
    content: str,
    *,
    size: float = 13,
    colour: str = INK,
    weight: int = 400,
    anchor: str = "start",
    mono: bool = False,
) -> str:
    family = f' font-family="{escape(MONO)}"' if mono else ""
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{colour}" font-weight="{weight}" '
        f'text-anchor="{anchor}"{family}>{escape(content)}</text>'
    )


def line(path: str, *, colour: str, thickness: float = 1.25, arrow: bool = True) -> str:
    end = ' marker-end="url(#arrow)"' if arrow else ""
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{thickness:g}"{end}/>'


def wrapped(words: Iterable[str], longest: int) -> list[str]:
    """The words in lines of at most `longest` characters."""
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + 1 + len(word) <= longest:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
