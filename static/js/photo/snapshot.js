import { Camera } from "../live/camera.js";

const QUALITY = 0.92;

/** Takes still images with the camera. delegate: filesGiven(files), troubled(phrase or null). */
export class Snapshot {
  #delegate;
  #texts;
  #panel;
  #video;
  #open;
  #take;
  #close;
  #camera;
  #taken = 0;
  #opened = () => this.#toggle();
  #pressed = () => this.#image();
  #closed = () => this.#end();

  /** root holds [data-camera] with [data-camera-video|take|close], and [data-camera-open]. */
  constructor(delegate, root, texts) {
    this.#delegate = delegate;
    this.#texts = texts;
    this.#panel = root.querySelector("[data-camera]");
    this.#video = root.querySelector("[data-camera-video]");
    this.#open = root.querySelector("[data-camera-open]");
    this.#take = root.querySelector("[data-camera-take]");
    this.#close = root.querySelector("[data-camera-close]");
    this.#camera = new Camera(this, { video: this.#video });
  }

  start() {
    this.#open.addEventListener("click", this.#opened);
    this.#take.addEventListener("click", this.#pressed);
    this.#close.addEventListener("click", this.#closed);
    this.#open.disabled = false;
  }

  stop() {
    this.#open.removeEventListener("click", this.#opened);
    this.#take.removeEventListener("click", this.#pressed);
    this.#close.removeEventListener("click", this.#closed);
    this.#camera.stop();
  }

  // the camera's delegate

  cameraStarted() {
    this.#take.disabled = false;
    this.#take.focus();
  }

  cameraFailed(notice) {
    this.#end();
    this.#delegate.troubled(notice);
  }

  camerasChanged() {}

  #toggle() {
    if (!this.#panel.hidden) return this.#end();

    this.#delegate.troubled(null);
    this.#show(true);
    return this.#camera.start();
  }

  #end() {
    this.#camera.stop();
    this.#show(false);
    this.#open.focus();
  }

  #show(on) {
    this.#panel.hidden = !on;
    this.#take.disabled = true;
    this.#open.ariaExpanded = String(on);
  }

  #image() {
    const canvas = document.createElement("canvas");
    canvas.width = this.#video.videoWidth;
    canvas.height = this.#video.videoHeight;
    canvas.getContext("2d").drawImage(this.#video, 0, 0);
    this.#taken += 1;
    const name = this.#texts.phrase("snapshot_name", { number: this.#taken });
    canvas.toBlob((blob) => this.#delegate.filesGiven([new File([blob], name, { type: "image/jpeg" })]), "image/jpeg", QUALITY);
  }
}
