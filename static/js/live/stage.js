import { FaceOverlay } from "./face_overlay.js";

/**
 * The video and its boxes: the analyzed frames with their own boxes or, when smooth, the camera with the latest boxes.
 * delegate: faceChosen(id).
 */
export class Stage {
  #delegate;
  #root;
  #video;
  #frame;
  #overlay;
  #overlayCanvas;
  #smooth = false;
  #clicked = (event) => this.#choose(event);
  #resized = () => this.#fit();

  /** root holds <video>, canvas[data-picture] and canvas[data-overlay]. */
  constructor(delegate, root, wording) {
    this.#delegate = delegate;
    this.#root = root;
    this.#video = root.querySelector("video");
    this.#frame = root.querySelector("[data-picture]");
    this.#overlayCanvas = root.querySelector("[data-overlay]");
    this.#overlay = new FaceOverlay(this.#overlayCanvas, wording);
  }

  get video() {
    return this.#video;
  }

  start() {
    this.#overlay.start();
    this.#overlayCanvas.addEventListener("click", this.#clicked);
    this.#video.addEventListener("resize", this.#resized);
  }

  stop() {
    this.#overlay.stop();
    this.#overlayCanvas.removeEventListener("click", this.#clicked);
    this.#video.removeEventListener("resize", this.#resized);
  }

  set mirrored(mirrored) {
    this.#root.toggleAttribute("data-mirrored", mirrored);
    this.#overlay.mirrored = mirrored;
  }

  set smooth(smooth) {
    this.#smooth = smooth;
    if (smooth) this.#hideFrame();
  }

  /** subjects: from `subjectsOf`. Takes ownership of the bitmap; without one the boxes are drawn over the camera's video. */
  show(bitmap, subjects, chosenId) {
    if (bitmap && !this.#smooth) this.#drawFrame(bitmap);
    bitmap?.close();
    this.#overlay.draw(subjects, chosenId);
  }

  clear() {
    this.#hideFrame();
    this.#overlay.clear();
  }

  #drawFrame(bitmap) {
    if (this.#frame.width !== bitmap.width || this.#frame.height !== bitmap.height) {
      this.#frame.width = bitmap.width;
      this.#frame.height = bitmap.height;
    }
    this.#frame.getContext("2d").drawImage(bitmap, 0, 0);
    this.#frame.hidden = false;
  }

  #hideFrame() {
    this.#frame.hidden = true;
  }

  #fit() {
    const { videoWidth, videoHeight } = this.#video;
    if (videoWidth > 0) this.#root.style.setProperty("--stage-ratio", String(videoWidth / videoHeight));
  }

  #choose(event) {
    const face = this.#overlay.faceAt(event);
    if (face) this.#delegate.faceChosen(face.id);
  }
}
