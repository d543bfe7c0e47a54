"""Writes docs/experiments/chains.md from the chains of training steps; a test compares the two."""

from __future__ import annotations

import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from recognition.lab.training.chain import (  # noqa: E402 (the project is not installed)
    CHAINS,
    ChainStep,
    FitRejectionStep,
    SetThresholdStep,
    TrainDetectorStep,
    TrainStep,
    list_chains,
    read_chain,
)
from recognition.lab.training.detector_recipe import DETECTOR_RECIPES  # noqa: E402
from recognition.lab.training.recipe import RECIPES, NetworkPart  # noqa: E402

TARGET = PROJECT / "docs" / "experiments" / "chains.md"
INTRODUCTION = """\
# How the served models are trained

Generated from the chains in `recognition/lab/recipes/chains/` by `.venv/bin/python tools/chain_drawings.py`;
do not edit.

`python -m recognition reproduce NAME --data PATH` runs a chain
([training](../training.md#reproduce-a-served-model)). Each box is a step. Solid arrows pass weights on;
dashed arrows lead from a teacher to the network that is distilled from it. Boxes with a thick border are the
served models.
"""


def page() -> str:
    """Return the page: a drawing for each chain, together with the chain that it extends."""
    chains = {name: CHAINS.load(CHAINS.find(f"chains/{name}")) for name in list_chains()}
    extended = {chain.extends for chain in chains.values()}
    sections = [INTRODUCTION]
    for name, chain in chains.items():
        if name in extended:
            continue
        titles = [each.title for key, each in chains.items() if key in (name, chain.extends)]
        sections.append("\n".join([f"## {' and '.join(titles)}\n", *_drawing(read_chain(name)), ""]))
    return "\n".join(sections)


def _drawing(steps: tuple[ChainStep, ...]) -> list[str]:
    """Return a Mermaid flowchart."""
    served = [each.chain for each in steps if each.step.name == each.chain]
    return [
        "```mermaid",
        "flowchart TD",
        *(f'    {each.step.name}["{_label(each)}"]' for each in steps),
        *(f"    {arrow}" for each in steps for arrow in _arrows(each)),
        *(f"    style {name} stroke-width:4px" for name in served),
        "```",
    ]


def _label(each: ChainStep) -> str:
    step = each.step
    lines = [f"<b>{step.name}</b>"]
    if isinstance(step, TrainStep):
        recipe = RECIPES.load(RECIPES.find(step.recipe))
        lines += [step.recipe, f"{step.data}, {recipe.epochs} epochs, seed {step.seed}"]
        lines += _averaging(recipe.network)
    elif isinstance(step, TrainDetectorStep):
        detector = DETECTOR_RECIPES.load(DETECTOR_RECIPES.find(step.recipe))
        size = f"{detector.image_size} px"
        lines += [step.recipe, f"{step.data}, {size}, {detector.epochs} epochs, seed {step.seed}"]
        lines += _averaging(detector.network)
    elif isinstance(step, FitRejectionStep):
        unknown = ", ".join(images.folder for images in step.unknown)
        lines += ["output that rejects unknown images", f"fitted to {step.data} and {unknown}"]
    else:
        lines.append(f"uncertain below {step.uncertain}")
    return "<br/>".join(lines)


def _averaging(network: NetworkPart) -> list[str]:
    kept = network.weight_interpolation
    return [f"averaged with {kept:g} of the weights before"] if kept else []


def _arrows(each: ChainStep) -> list[str]:
    step = each.step
    if isinstance(step, FitRejectionStep | SetThresholdStep):
        return [f"{step.model} --> {step.name}"]
    arrows = [f"{step.weights} --> {step.name}"] if step.weights else []
    if isinstance(step, TrainStep):
        arrows += [f"{teacher} -.-> {step.name}" for teacher in step.teachers]
    return arrows


if __name__ == "__main__":
    TARGET.write_text(page(), "utf-8")
