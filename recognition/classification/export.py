"""A classifier's OpenVINO export: created once, kept in a cache folder, loaded without torch."""

from importlib.metadata import version
from pathlib import Path

from recognition.atomic_files import complete_folder
from recognition.errors import ExportMissing
from recognition.models.cards import Card

MODEL_FILE = "classifier.xml"
# A small part of a frame's cost: full precision keeps live answers equal to the evaluated ones.
PRECISION = "f32"
RECIPE = 1  # counts up when this file makes another export from the same weights


def export_folder(card: Card, cache_folder: Path) -> Path:
    """Return the path of the export of a card's weights, whether it exists or not."""
    name = f"{card.sha256[:16]}-{card.outputs}-cpu-{PRECISION}-openvino{version('openvino')}-recipe{RECIPE}"
    return cache_folder / "classifier" / name


def find_export(card: Card, cache_folder: Path) -> Path:
    """Give the model's file; raise ExportMissing where it was not prepared."""
    file = export_folder(card, cache_folder) / MODEL_FILE
    if not file.is_file():
        raise ExportMissing(
            f"The model {card.name} is not prepared in {cache_folder}; run `python -m recognition prepare`."
        )
    return file


def make_export(card: Card, weights_folder: Path, cache_folder: Path) -> Path:
    """Convert and store; an unfinished export never has the final name."""
    from recognition.networks.export import write_openvino
    from recognition.networks.loading import FromPixels, load_network

    network = FromPixels(load_network(card, weights_folder), card.input, card.outputs).eval()
    final = export_folder(card, cache_folder)
    with complete_folder(final) as folder:
        write_openvino(network, card.input, folder / MODEL_FILE)
    return final / MODEL_FILE
