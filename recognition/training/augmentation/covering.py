"""Faces half behind a hand, a phone or somebody else: a side is hidden, the box stays."""

import torch
from torch import Generator, Tensor

SMALLEST_PX = 24  # of a smaller face too little would be left to find
MOST = 0.55  # of a face's side
BEYOND = 0.3  # of a face's side: so far what hides it may reach out of the box


def cover_faces(
    images: Tensor, boxes_xyxy: Tensor, owners: Tensor, share: float, generator: Generator
) -> Tensor:
    """Hide a side of a share of the faces behind one colour or a piece of another picture.

    `images` (n, 3, h, w) in 0..1; `boxes_xyxy` (f, 4) in pixels; `owners` (f,): the picture of each box.
    """
    large = (boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]).amax(dim=1).cpu() >= SMALLEST_PX
    chosen = large & (torch.rand(len(boxes_xyxy), generator=generator) < share)
    if not chosen.any():
        return images
    changed = images.clone()
    for box, owner in zip(boxes_xyxy.cpu()[chosen], owners.cpu()[chosen].int().tolist(), strict=True):
        place = (slice(None), *_hidden_part(box, generator))
        if torch.rand((), generator=generator) < 0.5:
            changed[owner][place] = torch.rand((3, 1, 1), generator=generator).to(images)
        else:
            changed[owner][place] = images[owner - 1][place]
    return changed


def _hidden_part(box: Tensor, generator: Generator) -> tuple[slice, slice]:
    """Rows and columns of what hides one side of a face, a quarter of it to `MOST`."""
    sides = box[2:] - box[:2]
    reach = BEYOND * torch.rand((2, 2), generator=generator)
    low, high = box[:2] - reach[0] * sides, box[2:] + reach[1] * sides
    axis = int(torch.randint(2, (), generator=generator))
    depth = MOST * (0.5 + torch.rand((), generator=generator) / 2) * sides[axis]
    if torch.rand((), generator=generator) < 0.5:
        high[axis] = box[axis] + depth
    else:
        low[axis] = box[axis + 2] - depth
    left, top = low.round().int().clamp(min=0).tolist()
    right, bottom = high.round().int().clamp(min=0).tolist()
    return slice(top, bottom), slice(left, right)
