import { Picker } from "./picker.js";

/** The pickers: model, label set, quality, camera. delegate: settingsPicked(settings), cameraPicked(deviceId). */
export class SettingsPanel {
  #delegate;
  #texts;
  #pickers;
  #models = [];
  #task;

  /** root holds select[data-picker=model|label_set|quality|camera]. */
  constructor(delegate, root, { texts, preferences }) {
    this.#delegate = delegate;
    this.#texts = texts;
    this.#task = texts.task(null);
    const picker = (name) => new Picker(this, root.querySelector(`[data-picker="${name}"]`), name, preferences);
    this.#pickers = { model: picker("model"), label_set: picker("label_set"), quality: picker("quality"), camera: picker("camera") };
  }

  start() {
    for (const picker of Object.values(this.#pickers)) picker.start();
  }

  stop() {
    for (const picker of Object.values(this.#pickers)) picker.stop();
  }

  get cameraId() {
    return this.#pickers.camera.remembered;
  }

  /** The options that a hello requests; what was never chosen is left to the server. */
  get options() {
    const { model, label_set, quality } = this.#pickers;
    return { model: model.remembered, label_set: label_set.remembered, quality: quality.value };
  }

  /** What the running session uses. */
  get inUse() {
    const { model, label_set, quality } = this.#pickers;
    return { model: model.value, label_set: label_set.value, quality: quality.value };
  }

  /** A remembered option is no longer available. */
  forgetOptions() {
    this.#pickers.model.forget();
    this.#pickers.label_set.forget();
  }

  /** The settings in use, from the server; `models` come with a welcome. */
  show({ models = this.#models, model, label_set, quality }) {
    this.#models = models;
    const current = models.find(({ name }) => name === model);
    this.#task = this.#texts.task(current?.task ?? null);
    const group = (task) => this.#texts.task(task).title;
    this.#pickers.model.show(models.map(({ name, title, task }, index) => ({ value: name, text: index === 0 ? this.#texts.phrase("recommended", { title }) : title, group: group(task) })), model);
    this.#pickers.label_set.show((current?.label_sets ?? []).map((name) => ({ value: name, text: this.#labelSetName(name, model) })), label_set);
    if (quality) this.#pickers.quality.value = quality;
  }

  /** The task of the model in use, as `Texts.task` describes it. */
  get task() {
    return this.#task;
  }

  /** cameras: MediaDeviceInfo of video inputs; browsers hide their names before the camera is allowed. */
  showCameras(cameras, currentId) {
    const name = ({ label }, index) => label || this.#texts.phrase("camera_number", { number: index + 1 });
    const named = cameras.filter(({ deviceId }) => deviceId);
    if (named.length > 0) this.#pickers.camera.show(named.map((camera, index) => ({ value: camera.deviceId, text: name(camera, index) })), currentId);
  }

  picked(name, value) {
    if (name === "camera") this.#delegate.cameraPicked(value);
    else if (name === "model") this.#modelPicked(value);
    else this.#delegate.settingsPicked({ [name]: value });
  }

  /** A model of complete frames has one set of labels, named like the model. */
  #labelSetName(name, model) {
    return name === model ? this.#texts.phrase("own_labels") : this.#texts.labelSet(name);
  }

  /** Another model may not support the selected labels: it starts with its default. */
  #modelPicked(model) {
    const labelSet = this.#pickers.label_set.value;
    const known = this.#models.find(({ name }) => name === model)?.label_sets.includes(labelSet);
    if (!known) this.#pickers.label_set.forget();
    this.#delegate.settingsPicked(known ? { model, label_set: labelSet } : { model });
  }
}
