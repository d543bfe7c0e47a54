"""A comparison as one self-contained HTML page: no scripts, no external URLs, light and dark theme."""

import base64
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from string import Template

import cv2
import numpy as np

from recognition.lab.comparison.report import HEADINGS, Entry, Report, Sample, facts, table_rows
from recognition.types import UInt8Array

# A cell's background, in tenths of its row's share.
SHADES = 10
CELL_REM = 2.6


class Html(str):
    """Text that is HTML already, where plain text is escaped."""

    __slots__ = ()


def as_page(report: Report, images: UInt8Array) -> str:
    """The complete report; `images` are the samples', in their order."""
    matrices = [html_confusion(entry.name, report.labels, entry.confusion) for entry in report.entries]
    samples = [_sample(sample, image) for sample, image in zip(report.samples, images, strict=True)]
    content = [
        html_list(facts(report), "facts"),
        html_table(HEADINGS, _marked_rows(report), "Figures of every network"),
        "<h2>Confusion matrices</h2>",
        html_matrices(matrices),
        "<h2>Sample predictions</h2>",
        f'<ul class="samples">{"".join(samples)}</ul>',
        "<h2>How to read this</h2>",
        html_list(report.notes, "notes"),
        "<h2>How to reproduce this report</h2>",
        html_command(report.command),
    ]
    return html_page(report.title, content, len(report.labels))


def html_page(title: str, content: Sequence[str], labels: int) -> str:
    """The frame around a page's content."""
    shades = "\n".join(
        f".s{number} {{ background: rgb(var(--shade) / {number / SHADES * 0.6:.2f}); }}"
        for number in range(SHADES + 1)
    )
    template = Template(files("recognition.lab.comparison").joinpath("page.html").read_text("utf-8"))
    return template.substitute(
        title=escape(title),
        content="\n".join(content),
        shades=shades,
        matrix_width=f"{6 + CELL_REM * labels:.1f}rem",
    )


def html_list(lines: Sequence[str], kind: str) -> str:
    """Sentences, one a line."""
    return f'<ul class="{kind}">{"".join(f"<li>{escape(line)}</li>" for line in lines)}</ul>'


def html_command(command: str) -> str:
    """A command to copy."""
    return f"<pre>{escape(command)}</pre>"


def html_table(headings: Sequence[str], rows: Sequence[Sequence[str]], name: str) -> str:
    """A table that scrolls by itself where it is too wide; the first cell heads its row."""
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in headings)
    body = "".join(f"<tr>{_row_cells(row)}</tr>" for row in rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="wide" role="region" aria-label="{escape(name)}" tabindex="0">{table}</div>'


def _row_cells(row: Sequence[str]) -> str:
    first, *others = (cell if isinstance(cell, Html) else escape(cell) for cell in row)
    return f'<th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in others)}'


def html_matrices(matrices: Sequence[str]) -> str:
    """Confusion matrices side by side, as many as fit."""
    return f'<div class="matrices">{"".join(matrices)}</div>'


def html_confusion(name: str, labels: Sequence[str], counts: Sequence[Sequence[int]]) -> str:
    """One confusion matrix: counts, shaded by the share of their row."""
    head = "".join(f'<th scope="col">{escape(label)}</th>' for label in labels)
    body = "".join(
        f'<tr><th scope="row">{escape(label)}</th>{_confusion_cells(number, row)}</tr>'
        for number, (label, row) in enumerate(zip(labels, counts, strict=True))
    )
    table = f"<table><thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>"
    title = f"Confusion matrix of {name}"
    return (
        f'<section class="matrix"><h3>{escape(name)}</h3>'
        f'<div class="wide" role="region" aria-label="{escape(title)}" tabindex="0">{table}</div></section>'
    )


def _confusion_cells(number: int, row: Sequence[int]) -> str:
    total = max(sum(row), 1)
    return "".join(
        f'<td class="s{round(count / total * SHADES)}{" diagonal" if place == number else ""}">{count}</td>'
        for place, count in enumerate(row)
    )


def _marked_rows(report: Report) -> list[list[str]]:
    """The table's rows as HTML: the best accuracy marked, the interval also drawn."""
    best = max(entry.accuracy for entry in report.entries)
    rows = []
    for entry, words in zip(report.entries, table_rows(report), strict=True):
        cells = list(words)
        if entry.accuracy == best:
            cells[1] = Html(f'<span class="best">{escape(cells[1])}</span>')
        cells[2] = Html(f"{_interval(entry)} {escape(cells[2])}")
        rows.append(cells)
    return rows


def _interval(entry: Entry) -> str:
    """An accuracy between 0 and 1 with its interval, as a small drawing."""
    low, high = entry.ci95
    return (
        '<svg class="range" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<line x1="0" y1="5" x2="100" y2="5"/><line class="reach" x1="{low * 100:.1f}" y1="5" '
        f'x2="{high * 100:.1f}" y2="5"/></svg>'
    )


def _sample(sample: Sample, image: UInt8Array) -> str:
    answers = "".join(
        f'<dt>{escape(name)}</dt><dd class="{"right" if answer == sample.label else "wrong"}">'
        f"{'✓' if answer == sample.label else '✗'} {escape(answer)}</dd>"
        for name, answer in sample.answers.items()
    )
    return (
        f'<li><img src="{_as_address(image)}" alt="{escape(sample.label)}">'
        f'<strong>{escape(sample.label)}</strong><div class="file">{escape(sample.name)}</div>'
        f"<dl>{answers}</dl></li>"
    )


def _as_address(image: UInt8Array) -> str:
    """An image, gray or RGB, inside the page."""
    stored = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    encoded = cv2.imencode(".png", np.asarray(stored))[1]
    return f"data:image/png;base64,{base64.b64encode(encoded.tobytes()).decode()}"
