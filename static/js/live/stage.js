import { FaceOverlay } from "./face_overlay.js";

/**
 * The picture and its boxes. "analysed" shows the very frame the boxes belong to; "live" shows the camera with the
 * newest boxes. delegate: faceChosen(id).
 */
export class Stage {
  #delegate;
  #root;
  #video;
  #picture;
  #overlay;
  #overlayCanvas;
  #analysed = true;
  #clicked = (event) => this.#choose(event);
  #resized = () => this.#fit();

  /** root holds <video>, canvas[data-picture] and canvas[data-overlay]. */
  constructor(delegate, root, wording) {
    this.#delegate = delegate;
    this.#root = root;
    this.#video = root.querySelector("video");
    this.#picture = root.querySelector("[data-picture]");
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

  set analysed(analysed) {
    this.#analysed = analysed;
    if (!analysed) this.#hidePicture();
  }

  /** subjects: as `subjectsOf` gives them. Takes the bitmap over; without one the boxes go over the live picture. */
  show(bitmap, subjects, chosenId) {
    if (bitmap && this.#analysed) this.#drawPicture(bitmap);
    bitmap?.close();
    this.#overlay.draw(subjects, chosenId);
  }

  clear() {
    this.#hidePicture();
    this.#overlay.clear();
  }

  #drawPicture(bitmap) {
    if (this.#picture.width !== bitmap.width || this.#picture.height !== bitmap.height) {
      this.#picture.width = bitmap.width;
      this.#picture.height = bitmap.height;
    }
    this.#picture.getContext("2d").drawImage(bitmap, 0, 0);
    this.#picture.hidden = false;
  }

  #hidePicture() {
    this.#picture.hidden = true;
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
