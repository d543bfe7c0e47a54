import { inkOn } from "../lib/contrast.js";

const TAG = { fontPx: 14, padPx: 8, height: 26 };
const SMALL_TAG = { fontPx: 12, padPx: 6, height: 21 };
const SMALL_BELOW_PX = 480;
const GAP_PX = 4;
const GUIDE_PX = 3;
const TAG_GROUND = "#0e1118"; // opaque: the video below may have any color
const STRIPE_PX = 4;

/** Boxes or the guide square, and their tags, on a canvas above the video. Sides are fractions of the frame. */
export class FaceOverlay {
  #canvas;
  #wording;
  #mirrored = false;
  #faces = [];
  #chosenId = null;
  #sizes = new ResizeObserver(() => this.#paint());

  constructor(canvas, wording) {
    this.#canvas = canvas;
    this.#wording = wording;
  }

  start() {
    this.#sizes.observe(this.#canvas);
  }

  stop() {
    this.#sizes.disconnect();
    this.clear();
  }

  set mirrored(mirrored) {
    this.#mirrored = mirrored;
    this.#paint();
  }

  draw(faces, chosenId) {
    this.#faces = faces;
    this.#chosenId = chosenId;
    this.#paint();
  }

  clear() {
    this.draw([], null);
  }

  /** The face at a point of the page; the smallest when several hold it; null when none does. */
  faceAt({ clientX, clientY }) {
    const area = this.#canvas.getBoundingClientRect();
    const x = clientX - area.left;
    const y = clientY - area.top;
    const hit = this.#faces.filter((face) => contains(this.#rectangle(face, area), x, y));
    return hit.sort((a, b) => a.box[2] * a.box[3] - b.box[2] * b.box[3])[0] ?? null;
  }

  #rectangle({ box: [x, y, w, h] }, { width, height }) {
    const left = this.#mirrored ? 1 - x - w : x;
    return { x: left * width, y: y * height, w: w * width, h: h * height };
  }

  #paint() {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const scale = window.devicePixelRatio || 1;
    const context = this.#canvas.getContext("2d");
    this.#canvas.width = Math.round(width * scale);
    this.#canvas.height = Math.round(height * scale);
    context.scale(scale, scale);
    const style = getComputedStyle(this.#canvas);
    const taken = [];
    for (const face of this.#chosenFirst()) this.#paintFace(context, style, face, { width, height, taken });
  }

  /** The chosen face's tag gets the best place. */
  #chosenFirst() {
    return [...this.#faces].sort((a, b) => (b.id === this.#chosenId) - (a.id === this.#chosenId));
  }

  #paintFace(context, style, face, area) {
    const chosen = face.id === this.#chosenId;
    const box = this.#rectangle(face, area);
    const tag = this.#wording.tag(face);
    const dashed = tag.named === null;
    const color = style.getPropertyValue(`--expression-${tag.named ?? "neutral"}`).trim() || "#fff";
    if (face.outline === "guide") paintGuide(context, box, area, { color, dashed });
    else if (face.outline !== "none") paintBox(context, box, { color, dashed, width: chosen ? 3.5 : 2 });
    paintTag(context, tag, { box, area, color, font: style.getPropertyValue("--font"), chosen });
  }
}

function contains({ x, y, w, h }, px, py) {
  return px >= x && px <= x + w && py >= y && py <= y + h;
}

/** The square to hold a hand in: the area outside is dimmed, as it is not analyzed. */
function paintGuide(context, { x, y, w, h }, { width, height }, style) {
  context.fillStyle = "rgb(14 17 24 / 45%)";
  context.beginPath();
  context.rect(0, 0, width, height);
  context.rect(x, y, w, h);
  context.fill("evenodd");
  const inset = GUIDE_PX / 2 + 1; // the square may touch the frame's edge, its line must not be cut there
  paintBox(context, { x: x + inset, y: y + inset, w: w - 2 * inset, h: h - 2 * inset }, { ...style, width: GUIDE_PX });
}

/** A dark edge under the colored line keeps it visible on any video. */
export function paintBox(context, { x, y, w, h }, { color, dashed, width }) {
  context.beginPath();
  context.roundRect(x, y, w, h, 10);
  context.setLineDash(dashed ? [8, 6] : []);
  context.lineWidth = width + 2;
  context.strokeStyle = "rgb(0 0 0 / 45%)";
  context.stroke();
  context.lineWidth = width;
  context.strokeStyle = color;
  context.stroke();
  context.setLineDash([]);
}

/** A number, words and a share on an opaque ground; a stripe in the label's color, or all of it where selected. */
export function paintTag(context, { id, words, share }, { box, area, color, font, chosen }) {
  const size = area.width < SMALL_BELOW_PX ? SMALL_TAG : TAG;
  const parts = [id, words, share].filter(Boolean);
  context.font = `600 ${size.fontPx}px ${font}`;
  context.textBaseline = "middle";
  const widths = parts.map((part) => context.measureText(part).width);
  const width = widths.reduce((sum, value) => sum + value + size.padPx, size.padPx);
  const place = placeTag(box, { width, height: size.height }, area);
  area.taken.push(place);

  context.beginPath();
  context.roundRect(place.x, place.y, place.w, place.h, 8);
  const ground = chosen ? color : TAG_GROUND;
  context.fillStyle = ground;
  context.fill();
  if (!chosen) paintStripe(context, place, color);

  let left = place.x + size.padPx;
  context.fillStyle = inkOn(ground);
  parts.forEach((part, index) => {
    context.fillText(part, left, place.y + place.h / 2 + 1);
    left += widths[index] + size.padPx;
  });
}

function paintStripe(context, { x, y, h }, color) {
  context.beginPath();
  context.roundRect(x, y, STRIPE_PX, h, [8, 0, 0, 8]);
  context.fillStyle = color;
  context.fill();
}

/** Above the box, else below it, else inside: the first free place within the frame. */
function placeTag(box, { width, height }, area) {
  const x = Math.max(0, Math.min(box.x, area.width - width));
  const heights = [box.y - height - GAP_PX, box.y + box.h + GAP_PX, box.y + GAP_PX];
  const places = heights.map((y) => ({ x, y, w: width, h: height }));
  const inside = places.filter(({ y }) => y >= 0 && y + height <= area.height);
  return inside.find((place) => !area.taken.some((other) => overlap(place, other))) ?? inside[0] ?? { ...places[2], y: 0 };
}

function overlap(a, b) {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}
