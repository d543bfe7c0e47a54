const PICTURE = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
const NOTICES = {
  NotAllowedError: "camera-denied",
  SecurityError: "camera-denied",
  NotFoundError: "camera-none",
  OverconstrainedError: "camera-none",
  NotReadableError: "camera-busy",
  AbortError: "camera-busy",
};

/** One camera shown in one <video>. delegate: cameraStarted(), cameraFailed(notice), camerasChanged(cameras). */
export class Camera {
  #delegate;
  #video;
  #devices;
  #secure;
  #stream = null;
  #attempt = 0;
  #devicesChanged = () => this.#list();

  constructor(delegate, { video, mediaDevices = navigator.mediaDevices, secure = window.isSecureContext }) {
    this.#delegate = delegate;
    this.#video = video;
    this.#devices = mediaDevices;
    this.#secure = secure;
  }

  get deviceId() {
    return this.#stream?.getVideoTracks()[0]?.getSettings().deviceId ?? null;
  }

  /** Requests the camera; starting again changes it. */
  async start(deviceId = null) {
    this.stop();
    const attempt = this.#attempt;
    if (!this.#devices?.getUserMedia) return this.#delegate.cameraFailed(this.#secure ? "unsupported" : "insecure");

    let stream;
    try {
      stream = await this.#request(deviceId);
    } catch (error) {
      if (attempt === this.#attempt) this.#delegate.cameraFailed(NOTICES[error.name] ?? "camera-busy");
      return undefined;
    }
    if (attempt !== this.#attempt) return release(stream); // stopped while the browser asked for permission
    return this.#show(stream);
  }

  stop() {
    this.#attempt += 1;
    this.#devices?.removeEventListener?.("devicechange", this.#devicesChanged);
    if (!this.#stream) return;

    release(this.#stream);
    this.#stream = null;
    this.#video.srcObject = null;
  }

  async #request(deviceId) {
    if (!deviceId) return this.#devices.getUserMedia({ video: PICTURE, audio: false });

    try {
      return await this.#devices.getUserMedia({ video: { ...PICTURE, deviceId: { exact: deviceId } }, audio: false });
    } catch (error) {
      if (error.name !== "OverconstrainedError" && error.name !== "NotFoundError") throw error;
      return this.#request(null); // the remembered camera is not available: use any other
    }
  }

  async #show(stream) {
    this.#stream = stream;
    stream.getVideoTracks()[0].addEventListener("ended", () => this.#ended(stream));
    this.#devices.addEventListener?.("devicechange", this.#devicesChanged);
    this.#video.srcObject = stream;
    try {
      await this.#video.play();
    } catch (error) {
      if (error.name !== "AbortError") throw error; // another start took the element over
    }
    if (this.#stream !== stream) return;

    this.#delegate.cameraStarted();
    this.#list();
  }

  #ended(stream) {
    if (this.#stream !== stream) return;

    this.stop();
    this.#delegate.cameraFailed("camera-lost");
  }

  async #list() {
    const devices = await this.#devices.enumerateDevices();
    this.#delegate.camerasChanged(devices.filter((device) => device.kind === "videoinput"));
  }
}

function release(stream) {
  for (const track of stream.getTracks()) track.stop();
}
