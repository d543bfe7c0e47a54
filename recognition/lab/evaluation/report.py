"""An evaluation as files: figures, confusion matrix, curves, and the worst mistakes."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from recognition.lab.evaluation.charts import save_confusion, save_reliability, save_risk_coverage
from recognition.lab.evaluation.contact_sheet import save_mistakes
from recognition.lab.evaluation.metrics import reliability, risk_coverage
from recognition.lab.evaluation.runner import Measured
from recognition.options import RIGHT_SHARE


def write_figures(report: dict[str, Any], folder: Path) -> None:
    """Write `report.json`, the object that `evaluate --json` prints."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def write_report(measured: Measured, folder: Path) -> None:
    """Write the figures, `confusion.npy` (counts, true by answered), and every chart as PNG."""
    write_figures(measured.report, folder)
    data, counts = measured.split.data, np.array(measured.report["confusion"], np.int64)
    before, after = measured.answers
    np.save(folder / "confusion.npy", counts)
    save_confusion(counts, data.labels, folder / "confusion.png")
    save_risk_coverage(risk_coverage(after, data.targets), RIGHT_SHARE, folder / "risk_coverage.png")
    save_reliability(
        reliability(before, data.targets), reliability(after, data.targets), folder / "reliability.png"
    )
    save_mistakes(data, after, folder / "mistakes.png")
