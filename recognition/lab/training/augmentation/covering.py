"""Faces partly behind a hand, a phone or another person: one side is hidden, the box is unchanged."""

import torch
from torch import Generator, Tensor
from torch.nn import functional

SMALLEST_PX = 24  # of a smaller face too little would be left to find
MOST = 0.55  # of a face's side
DECOYS = 2
MOST_CELLS = 4  # a side: the colors of a piece
BEYOND = 0.3  # of a face's side: so far what hides it may reach out of the box


def cover_faces(
    images: Tensor, boxes_xyxy: Tensor, owners: Tensor, share: float, generator: Generator
) -> Tensor:
    """Hide a side of a share of the faces behind one color or several.

    `images` (n, 3, h, w) in 0..1; `boxes_xyxy` (f, 4) in pixels; `owners` (f,): the image of each box.
    For each face hidden, `DECOYS` pieces as large cover places without a face, so that no piece reveals one.
    """
    boxes_xyxy, owners = boxes_xyxy.cpu(), owners.cpu()
    large = (boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]).amax(dim=1) >= SMALLEST_PX
    chosen = large & (torch.rand(len(boxes_xyxy), generator=generator) < share)
    if not chosen.any():
        return images
    changed = images.clone()
    for box, owner in zip(boxes_xyxy[chosen], owners[chosen].int().tolist(), strict=True):
        place = _hidden_part(box, generator)
        _lay(changed[owner], place, generator)
        for other in torch.randint(len(images), (DECOYS,), generator=generator).tolist():
            elsewhere = _anywhere(place, images.shape[2:], generator)
            if not _meets(elsewhere, boxes_xyxy[owners == other]):
                _lay(changed[other], elsewhere, generator)
    return changed


def _lay(image: Tensor, place: tuple[slice, slice], generator: Generator) -> None:
    """Paint one color, or a few adjacent ones, over a part of an image."""
    rows, columns = place
    cells = int(torch.randint(1, MOST_CELLS + 1, (), generator=generator))
    colours = torch.rand((1, 3, cells, cells), generator=generator).to(image)
    whole = image[:, rows, columns]
    if whole.numel():
        whole.copy_(functional.interpolate(colours, whole.shape[1:])[0])


def _anywhere(
    place: tuple[slice, slice], size_hw: tuple[int, ...], generator: Generator
) -> tuple[slice, slice]:
    """Rows and columns as large as `place`, wholly in the image where they fit."""
    moved = []
    for part, side in zip(place, size_hw, strict=True):
        length = part.stop - part.start
        start = int(torch.randint(max(side - length, 0) + 1, (), generator=generator))
        moved.append(slice(start, start + length))
    return moved[0], moved[1]


def _meets(place: tuple[slice, slice], boxes_xyxy: Tensor) -> bool:
    """Whether rows and columns reach into one of some boxes (f, 4)."""
    rows, columns = place
    left, top, right, bottom = boxes_xyxy.unbind(dim=1)
    apart = (left >= columns.stop) | (right <= columns.start) | (top >= rows.stop) | (bottom <= rows.start)
    return not bool(apart.all())


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
