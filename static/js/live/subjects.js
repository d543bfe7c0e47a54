export const WHOLE_FRAME = 0; // the id of the complete frame's result; faces count from 1

/**
 * A result's subjects: its faces, or the complete frame as one subject. guideShare is null where the model
 * uses the complete frame. A face has no `outline`; a frame has "guide" or "none".
 */
export function subjectsOf({ faces, picture, width, height }, guideShare) {
  if (!picture) return faces;
  if (guideShare === null) return [{ ...picture, id: WHOLE_FRAME, box: [0, 0, 1, 1], outline: "none" }];
  return [{ ...picture, id: WHOLE_FRAME, box: guideBox(width, height, guideShare), outline: "guide" }];
}

/** The square around the frame's middle in which a hand is held up, as recognition/guide.py cuts it: x, y, w, h (0..1). */
export function guideBox(width, height, share) {
  const side = Math.min(width, height) * share;
  return [(1 - side / width) / 2, (1 - side / height) / 2, side / width, side / height];
}
