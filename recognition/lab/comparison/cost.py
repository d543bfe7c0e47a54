"""What a network costs: parameters, FLOPs for one image, and images per second on this machine."""

import os
import platform
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import msgspec
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from recognition.models.cards import CardInput

SPEED_BATCH = 16
WARM_UP_BATCHES = 2
MEASURED_BATCHES = 3
MEASURED_S = 1.0


class Cost(msgspec.Struct, frozen=True):
    """`flops` counts each multiplication and each addition, so a multiply-add is two; `macs` is half."""

    parameters: int
    flops: int
    images_per_s: float
    machine: str

    @property
    def macs(self) -> int:
        """Multiply-adds, which some papers call FLOPs."""
        return self.flops // 2


def measure_cost(network: nn.Module, card_input: CardInput, device: str) -> Cost:
    """Count and time a network on whole images of its card's size, in batches of SPEED_BATCH."""
    network = network.eval().to(device)
    images = torch.rand(SPEED_BATCH, card_input.channels, card_input.height, card_input.width, device=device)
    # Not within inference_mode, where torch hides the products from the counter.
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        network(images[:1])
    with torch.inference_mode():
        rate = _batches_per_s(lambda: network(images), device) * SPEED_BATCH
    return Cost(
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        flops=int(counter.get_total_flops()),
        images_per_s=float(f"{rate:.3g}"),
        machine=describe_device(device),
    )


def _batches_per_s(run: Callable[[], object], device: str) -> float:
    """Runs a second after warming up, over at least MEASURED_BATCHES runs and MEASURED_S seconds."""

    def settle() -> None:
        # CUDA answers before it has finished.
        if device != "cpu":
            torch.cuda.synchronize(device)

    for _ in range(WARM_UP_BATCHES):
        run()
    settle()
    started, done = perf_counter(), 0
    while done < MEASURED_BATCHES or perf_counter() - started < MEASURED_S:
        run()
        settle()
        done += 1
    return done / (perf_counter() - started)


def describe_device(device: str) -> str:
    """Name the processor that the figures were measured on."""
    if device != "cpu":
        return str(torch.cuda.get_device_name(device))
    threads = torch.get_num_threads()
    return f"{_processor()}, {threads} thread{'s' if threads > 1 else ''} of {os.cpu_count()} processors"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
