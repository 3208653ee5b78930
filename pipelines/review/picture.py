"""The waterfall of bits as a picture: an SVG drawing, alone or in a page of HTML. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from pipelines.review.explain import Step
from pipelines.review.texts import rule

_LINE, _WIDTH, _TEXT, _PIXELS_A_BIT = 26, 980, 420, 22.0
_FONT = 'font-family="sans-serif" font-size="12"'
_FOR, _AGAINST = "#1b7837", "#b2182b"  # told apart by colour-blind readers too, and by their direction


def svg(steps: Sequence[Step], language: str) -> str:
    """Return a drawing: a bar a rule, from where the sum stood to where it stands, with its sentence and its bits."""
    totals = [0.0, *(step.total for step in steps)]
    scale = min(_PIXELS_A_BIT, (_WIDTH - _TEXT - 80) / max(1.0, max(totals) - min(totals)))
    zero = _TEXT + 40 - min(totals) * scale
    height = _LINE * (len(steps) + 1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" {_FONT}>',
        f'<line x1="{zero:.1f}" x2="{zero:.1f}" y1="0" y2="{height}" stroke="#999" stroke-dasharray="3 3"/>',
    ]
    for row, step in enumerate(steps):
        low, high = sorted((step.total - step.bits, step.total))
        top = row * _LINE
        colour = _FOR if step.bits > 0 else _AGAINST
        parts.append(f'<text x="0" y="{top + 17}">{escape(rule(step.rule, language, step.sentence))}</text>')
        parts.append(
            f'<rect x="{zero + low * scale:.1f}" y="{top + 5}" width="{max(1.0, (high - low) * scale):.1f}" height="16"'
            f' fill="{colour}"/><text x="{zero + high * scale + 4:.1f}" y="{top + 17}">{step.bits:+.1f}</text>'
        )
    total = steps[-1].total if steps else 0.0
    parts.append(f'<text x="{zero + 4:.1f}" y="{height - 8}" font-weight="bold">{total:+.1f}</text></svg>')
    return "\n".join(parts) + "\n"


def html(steps: Sequence[Step], language: str, sentences: Sequence[str]) -> str:
    """Return a page that opens offline: the sentences, then the drawing."""
    said = "".join(f"<p>{escape(one)}</p>" for one in sentences)
    return (
        f'<!DOCTYPE html><html lang="{language}"><meta charset="utf-8"><title>Cardfile</title>'
        f'<body style="font-family:sans-serif;max-width:62rem;margin:2rem auto">{said}{svg(steps, language)}'
        "</body></html>\n"
    )
