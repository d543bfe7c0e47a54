"""`prepare`: measure the detector's precision on this machine, once."""

import argparse
from importlib.util import find_spec

from recognition.devices import resolve_device
from recognition.folders import default_cache_folder, default_weights_folder
from recognition.models.graphs import graph_file
from recognition.models.tasks import permitted_tasks
from recognition.served_models import ServedModels


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")


def run(arguments: argparse.Namespace) -> int:
    """Prepare every served model for the device; a second call has nothing to do."""
    device = resolve_device(arguments.device)
    models = ServedModels.read(default_weights_folder(), permitted=permitted_tasks())
    if device == "cpu":
        _write_missing_graphs(models)
    models.prepare(device, default_cache_folder(), lambda line: print(line, flush=True))
    print(f"{1 + len(models.catalogue)} models are ready for {device}.")
    return 0


def _write_missing_graphs(models: ServedModels) -> None:
    """Write the graphs of models that a version before 0.2 trained, where torch is installed."""
    cards = (models.detector, *models.catalogue)
    missing = [card for card in cards if not graph_file(card, models.folder).is_file()]
    if not missing or find_spec("torch") is None:
        return
    from recognition.lab.export.graph import write_graph

    for card in missing:
        print(f"Writing the graph of {card.title} ...", flush=True)
        write_graph(card, models.folder)
