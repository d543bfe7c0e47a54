"""Top-1 and top-5 on images laid out as ImageNet's validation set, against torchvision's own way."""

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import nn
from torchvision import models, transforms

from recognition.cli.main import main
from recognition.errors import PublishedUnavailable, WeightsError
from recognition.lab.evaluation.imagenet import Hits, read_state
from recognition.lab.evaluation.metrics import wilson_interval
from recognition.networks.tiny import TinyNet

IDS = tuple(f"n{1000 + 7 * number:08}" for number in range(1000))
SIZES_WH = ((256, 256), (300, 256), (256, 340), (400, 300), (320, 512), (256, 256))


def write_images(folder: Path) -> list[Path]:
    """Write smooth coloured images of several sizes into one flat folder."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    files = []
    for number, (width, height) in enumerate(SIZES_WH, start=1):
        coarse = random.integers(0, 256, (4, 4, 3), np.uint8)
        file = folder / f"ILSVRC2012_val_{number:08}.JPEG"
        cv2.imwrite(str(file), cv2.resize(coarse, (width, height)), [cv2.IMWRITE_JPEG_QUALITY, 95])
        files.append(file)
    return files


def write_solution(folder: Path, files: list[Path], ids: list[str], mapping: tuple[str, ...] = IDS) -> Path:
    """Write the true ids with boxes that nobody asked for, and the list of all ids."""
    solution = folder / "LOC_val_solution.csv"
    with solution.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["ImageId", "PredictionString"])
        for file, true in reversed(list(zip(files, ids, strict=True))):
            writer.writerow([file.stem, f"{true} 85 1 499 272 {true} 131 0 499 254 "])
    # As published, the lines are in the order of the classes; what follows the id is its names.
    lines = [f"{name} a thing, another name" for name in mapping]
    (folder / "LOC_synset_mapping.txt").write_text("\n".join(lines) + "\n")
    return solution


def answers_apart(network: nn.Module, files: list[Path]) -> torch.Tensor:
    """Logits (n, 1000) by the steps that torchvision documents for its weights."""
    steps = transforms.Compose(
        [
            transforms.Resize(256),
            transforms.CenterCrop(224),
            transforms.ToTensor(),
            transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
        ]
    )
    with torch.inference_mode():
        return network.eval()(torch.stack([steps(Image.open(file).convert("RGB")) for file in files]))


def test_top_one_and_top_five_equal_those_of_torchvisions_own_steps(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = models.resnet18(weights=None)
    weights = tmp_path / "resnet18.safetensors"
    save_file(network.state_dict(), weights)
    files = write_images(tmp_path / "val")
    ranked = answers_apart(network, files).argsort(dim=1, descending=True)
    # Two first answers are right, two are among the first five, two are far off.
    places = (0, 0, 2, 2, 500, 900)
    ids = [IDS[ranked[number, place]] for number, place in enumerate(places)]
    solution = write_solution(tmp_path, files, ids)

    code = main(
        ["evaluate", "--architecture", "resnet18", "--weights", str(weights), "--data", str(tmp_path / "val"),
         "--solution", str(solution), "--device", "cpu", "--out", str(tmp_path / "out"), "--json"]
    )  # fmt: skip
    report = json.loads(capsys.readouterr().out)

    assert code == 0
    assert set(report) == {"n", "accuracy", "ci95", "top5", "top5_ci95"}
    assert report["n"] == 6
    assert report["accuracy"] == pytest.approx(2 / 6)
    assert report["top5"] == pytest.approx(4 / 6)
    assert report["ci95"] == pytest.approx(wilson_interval(2, 6))
    assert report["top5_ci95"] == pytest.approx(wilson_interval(4, 6))
    assert json.loads((tmp_path / "out" / "report.json").read_text()) == report


def tiny_words(folder: Path, weights: Path, solution: Path) -> list[str]:
    return [
        "evaluate", "--architecture", "tiny", "--weights", str(weights), "--data", str(folder),
        "--solution", str(solution), "--device", "cpu",
    ]  # fmt: skip


def test_torchs_own_file_serves_and_a_cut_image_is_named_and_skipped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.save(TinyNet(classes=1000, channels=3).state_dict(), tmp_path / "tiny.pth")
    files = write_images(tmp_path / "val")
    files[1].write_bytes(files[1].read_bytes()[:100])
    solution = write_solution(tmp_path, files, list(IDS[:6]))

    assert main(tiny_words(tmp_path / "val", tmp_path / "tiny.pth", solution)) == 1
    captured = capsys.readouterr()

    assert "ILSVRC2012_val_00000002.JPEG" in captured.err
    assert "top-5" in captured.out
    assert "n = 5" in captured.out


def test_weights_for_other_classes_are_one_clear_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_file(TinyNet(classes=1000, channels=3).state_dict(), tmp_path / "tiny.safetensors")
    files = write_images(tmp_path / "val")
    solution = write_solution(tmp_path, files, list(IDS[:6]), IDS[:6])

    assert main(tiny_words(tmp_path / "val", tmp_path / "tiny.safetensors", solution)) == 1
    assert "LOC_synset_mapping.txt" in capsys.readouterr().err


def test_the_counts_are_the_ones_by_hand() -> None:
    hits = Hits()
    logits = torch.arange(10.0).repeat(4, 1)

    hits.add(logits, torch.tensor([9, 8, 5, 4]))
    hits.add(logits[:1], torch.tensor([9]))

    assert (hits.n, hits.first, hits.among_five) == (5, 2, 4)


@pytest.mark.parametrize(
    ("name", "content"), [("cut.safetensors", b"\x01"), ("cut.pth", b"no tensors"), ("empty.pth", b"")]
)
def test_files_that_hold_no_weights_are_refused_by_name(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(WeightsError, match=name):
        read_state(str(tmp_path / name), "tiny")


def test_a_file_with_more_than_tensors_is_refused(tmp_path: Path) -> None:
    torch.save({"epoch": 3, "state_dict": {}}, tmp_path / "run.pth")
    torch.save(TinyNet(), tmp_path / "whole.pth")

    for name in ("run.pth", "whole.pth"):
        with pytest.raises(WeightsError, match=name):
            read_state(str(tmp_path / name), "tiny")
    with pytest.raises(WeightsError, match="missing"):
        read_state(str(tmp_path / "none.pth"), "tiny")


def test_a_net_without_published_weights_is_refused() -> None:
    with pytest.raises(PublishedUnavailable):
        read_state("published", "tiny")
