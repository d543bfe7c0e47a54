"""The files of a report, side by side in one folder."""

from pathlib import Path

import msgspec

from recognition.lab.comparison.figure import draw_report
from recognition.lab.comparison.markdown import as_markdown
from recognition.lab.comparison.page import as_page
from recognition.lab.comparison.report import Report
from recognition.types import UInt8Array


def publish(report: Report, images: UInt8Array, out: Path) -> None:
    """Write report.json, report.md, report.html and report.png into `out`."""
    (out / "report.json").write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n")
    (out / "report.md").write_text(as_markdown(report, "report.png"), encoding="utf-8")
    (out / "report.html").write_text(as_page(report, images), encoding="utf-8")
    draw_report(report, images, out / "report.png")
