"""`prepare`: create the exports needed for serving, once."""

import argparse

from recognition.devices import resolve_device
from recognition.folders import default_cache_folder, default_weights_folder
from recognition.models.tasks import permitted_tasks
from recognition.served_models import ServedModels


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")


def run(arguments: argparse.Namespace) -> int:
    """Prepare every served model for the device; a second call has nothing to do."""
    device = resolve_device(arguments.device)
    models = ServedModels.read(default_weights_folder(), permitted=permitted_tasks())
    models.prepare(device, default_cache_folder(), lambda line: print(line, flush=True))
    print(f"{1 + len(models.catalogue)} models are ready for {device}.")
    return 0
