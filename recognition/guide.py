"""The guide square: the center of a live frame, where a hand is shown to the camera.

The live page draws it by the same rule: a square around the center of the frame, whose side is the share
`GUIDE_SHARE` of the frame's shorter side. Only live frames for tasks that are `guided` are cropped to it; a
still image is used completely.
"""

from recognition.types import UInt8Array

# All of the shorter side: a square frame is used completely, so live and uploaded ones get the same answer.
GUIDE_SHARE = 1.0


def guide_square(image_bgr: UInt8Array) -> UInt8Array:
    """Cut a frame (h, w, 3) to its guide square, a view of it in whole pixels."""
    height, width = image_bgr.shape[:2]
    side = max(round(min(width, height) * GUIDE_SHARE), 1)
    left, top = (width - side) // 2, (height - side) // 2
    return image_bgr[top : top + side, left : left + side]
