import { paintBox, paintTag } from "../live/face_overlay.js";

const SHOWN_PX = 1600; // a side on the page
const SAVED_PX = 4096; // a side in a file
const QUALITY = 0.92;
const LOGICAL_PX = 900; // the width for which boxes and tags are sized

/** Paints a picture with its boxes onto a canvas, at most `maxPx` a side; rejects where it cannot be decoded. */
export async function paintAnnotated(canvas, { file, marks, chosen = null, style, maxPx = SHOWN_PX }) {
  const bitmap = await createImageBitmap(file);
  const shrink = Math.min(1, maxPx / Math.max(bitmap.width, bitmap.height));
  canvas.width = Math.max(1, Math.round(bitmap.width * shrink));
  canvas.height = Math.max(1, Math.round(bitmap.height * shrink));
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.fillStyle = "#fff"; // a JPEG has no transparency
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  paintMarks(context, { marks, chosen, style });
}

/** The annotated picture as a JPEG blob. */
export async function annotatedBlob({ file, marks, style }) {
  const canvas = document.createElement("canvas");
  await paintAnnotated(canvas, { file, marks, style, maxPx: SAVED_PX });
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
}

/** marks: [{box: [x, y, w, h] in fractions, label, words, share, uncertain}]; without a box it is a caption. */
function paintMarks(context, { marks, chosen, style }) {
  const { width: wide, height: tall } = context.canvas;
  const scale = Math.max(wide / LOGICAL_PX, 1);
  const area = { width: wide / scale, height: tall / scale, taken: [] };
  context.save();
  context.scale(scale, scale);
  const font = style.getPropertyValue("--font");
  marks.forEach((mark, index) => {
    const color = style.getPropertyValue(mark.uncertain ? "--expression-neutral" : `--expression-${mark.label}`).trim() || "#ffffff";
    const [x, y, w, h] = mark.box ?? [0, 0, 1, 0];
    const box = { x: x * area.width, y: y * area.height, w: w * area.width, h: h * area.height };
    if (mark.box) paintBox(context, box, { color, dashed: mark.uncertain, width: index === chosen ? 3.5 : 2 });
    paintTag(context, { id: mark.box ? String(index + 1) : "", words: mark.words, share: mark.share }, { box, area, color, font, chosen: index === chosen });
  });
  context.restore();
}
