const FONT_PX = 14;
const PAD_X = 8;
const TAG_HEIGHT = 26;

/** Boxes and their tags, on a canvas of its own above the picture. Sides are fractions of the picture. */
export class FaceOverlay {
  #canvas;
  #texts;
  #mirrored = false;
  #faces = [];
  #chosenId = null;
  #sizes = new ResizeObserver(() => this.#paint());

  constructor(canvas, texts) {
    this.#canvas = canvas;
    this.#texts = texts;
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
    for (const face of this.#chosenLast()) this.#paintFace(context, style, face, { width, height });
  }

  #chosenLast() {
    return [...this.#faces].sort((a, b) => (a.id === this.#chosenId) - (b.id === this.#chosenId));
  }

  #paintFace(context, style, face, area) {
    const chosen = face.id === this.#chosenId;
    const box = this.#rectangle(face, area);
    const colour = style.getPropertyValue(face.uncertain ? "--expression-neutral" : `--expression-${face.label}`).trim() || "#fff";
    paintBox(context, box, { colour, dashed: face.uncertain, width: chosen ? 3.5 : 2 });
    paintTag(context, this.#tag(face), { box, area, colour, font: style.getPropertyValue("--font"), chosen });
  }

  #tag(face) {
    const label = this.#texts.label(face.label);
    const words = face.uncertain ? this.#texts.phrase("uncertain") : label;
    return { id: String(face.id), words, share: face.uncertain ? "" : this.#texts.percent(face.confidence) };
  }
}

function contains({ x, y, w, h }, px, py) {
  return px >= x && px <= x + w && py >= y && py <= y + h;
}

/** A dark edge under the coloured line keeps it visible on any picture. */
function paintBox(context, { x, y, w, h }, { colour, dashed, width }) {
  context.beginPath();
  context.roundRect(x, y, w, h, 10);
  context.setLineDash(dashed ? [8, 6] : []);
  context.lineWidth = width + 2;
  context.strokeStyle = "rgb(0 0 0 / 45%)";
  context.stroke();
  context.lineWidth = width;
  context.strokeStyle = colour;
  context.stroke();
  context.setLineDash([]);
}

function paintTag(context, { id, words, share }, { box, area, colour, font, chosen }) {
  const parts = [id, words, share].filter(Boolean);
  context.font = `600 ${FONT_PX}px ${font}`;
  context.textBaseline = "middle";
  const widths = parts.map((part) => context.measureText(part).width);
  const width = widths.reduce((sum, value) => sum + value + PAD_X, PAD_X) + PAD_X;
  const x = Math.max(0, Math.min(box.x, area.width - width));
  const y = box.y >= TAG_HEIGHT + 4 ? box.y - TAG_HEIGHT - 4 : Math.min(box.y + 4, area.height - TAG_HEIGHT);

  context.beginPath();
  context.roundRect(x, y, width, TAG_HEIGHT, 8);
  context.fillStyle = chosen ? colour : "rgb(14 17 24 / 82%)";
  context.fill();

  let left = x + PAD_X;
  parts.forEach((part, index) => {
    context.fillStyle = chosen ? "#0e1118" : index === 0 ? colour : "#ffffff";
    context.fillText(part, left, y + TAG_HEIGHT / 2 + 1);
    left += widths[index] + PAD_X;
  });
}
