"""A comparison as Markdown."""

from collections.abc import Sequence

from recognition.lab.comparison.report import HEADINGS, Report, facts, table_rows


def as_markdown(report: Report, image: str) -> str:
    """The complete report, with a link to its image."""
    parts = [
        f"# {report.title}",
        f"```\n{report.command}\n```",
        "\n".join(f"- {fact}" for fact in facts(report)),
        markdown_table(HEADINGS, table_rows(report)),
        f"![Accuracy, confusion matrices and sample predictions]({image})",
        "## Confusion matrices",
        *(markdown_confusion(entry.name, report.labels, entry.confusion) for entry in report.entries),
        "## Sample predictions",
        _samples(report),
        "\n".join(f"- {note}" for note in report.notes),
    ]
    return "\n\n".join(parts) + "\n"


def markdown_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table whose first column is words and whose others are figures."""
    rule = ["---", *["---:"] * (len(headings) - 1)]
    return "\n".join(
        f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in (headings, rule, *rows)
    )


def markdown_confusion(name: str, labels: Sequence[str], counts: Sequence[Sequence[int]]) -> str:
    """One confusion matrix as counts: a row is a true label."""
    rows = [(label, *map(str, row)) for label, row in zip(labels, counts, strict=True)]
    return f"### {name}\n\n{markdown_table(('true / answered', *labels), rows)}"


def _samples(report: Report) -> str:
    names = [entry.name for entry in report.entries]
    rows = [
        (sample.name, sample.label, *(_marked(sample.answers[name], sample.label) for name in names))
        for sample in report.samples
    ]
    return markdown_table(("image", "true label", *names), rows)


def _marked(answer: str, label: str) -> str:
    return f"{answer} ✓" if answer == label else f"{answer} ✗"
