import { encodeFrame } from "../protocol.js";
import { VideoFrames } from "../lib/video_frames.js";
import { Camera } from "./camera.js";
import { Connection } from "./connection.js";
import { FrameEncoder } from "./frame_encoder.js";
import { FramePacer } from "./frame_pacer.js";
import { FrameStore } from "./frame_store.js";
import { RateControl } from "./rate_control.js";

const TICK_MS = 1000;
const FAILURES_SHOWN = 3; // consecutive failed frames until the visitor sees a notice
const UNANSWERED_MS = 10 * 1000; // every frame gets a response; this long without one, the connection is dead

/**
 * One visit from Start to Stop: camera, encoder, pacer, connection. States: idle, starting, live, paused,
 * reconnecting, stopped, error.
 * delegate: helloFields (getter), stateChanged(state), noticed(code, text?), welcomed(welcome), settingsChanged(settings),
 * facesSeen(result, bitmap), frameDropped(reason), statsReceived(stats), camerasChanged(cameras), ended(historyUrl).
 */
export class LiveSession {
  #delegate;
  #video;
  #clock;
  #makeEncoder;
  #camera;
  #connection;
  #encoder = null;
  #frames;
  #pacer;
  #store = new FrameStore();
  #rate = new RateControl();
  #state = "idle";
  #pauses = new Set();
  #session = null;
  #resumeToken = null;
  #limits = null;
  #ticking = null;
  #failures = 0;

  constructor(delegate, { video, clock, url, WebSocket, probe, mediaDevices, secure, makeEncoder = () => new FrameEncoder(clock) }) {
    this.#delegate = delegate;
    this.#video = video;
    this.#clock = clock;
    this.#makeEncoder = makeEncoder;
    this.#pacer = new FramePacer(clock);
    this.#camera = new Camera(this, { video, mediaDevices, secure });
    this.#connection = new Connection(this, { url, WebSocket, clock, probe });
    this.#frames = new VideoFrames(video, () => this.#framePresented());
  }

  get state() {
    return this.#state;
  }

  get running() {
    return ["starting", "live", "paused", "reconnecting"].includes(this.#state);
  }

  get userPaused() {
    return this.#pauses.has("user");
  }

  get cameraId() {
    return this.#camera.deviceId;
  }

  /** Starts a new session, or resumes the token's. */
  start(deviceId, resumeToken = null) {
    if (this.running) return;

    this.#connection.stop(); // the last session's goodbye may still be on its way
    this.#pauses.clear();
    this.#session = null;
    this.#resumeToken = resumeToken;
    this.#rate = new RateControl();
    this.#encoder = this.#makeEncoder();
    this.#become("starting");
    this.#camera.start(deviceId);
  }

  /** Ends at the visitor's request: goodbye to the server, the camera off. */
  stop() {
    if (!this.running) return;

    const greeted = this.#session !== null;
    if (this.#connection.state === "open") this.#connection.leave();
    else this.#connection.stop();
    this.#release();
    this.#become(greeted ? "stopped" : "idle");
    if (greeted) this.#delegate.noticed("stopped");
    if (greeted) this.#delegate.ended(null, this.#session);
  }

  /** Releases camera and connection without a goodbye; returns the token that resumes the session, or null. */
  suspend() {
    if (!this.running) return null;

    const token = this.#session === null ? null : this.#connection.resumeToken;
    this.#connection.stop();
    this.#release();
    this.#become("idle");
    return token;
  }

  /** reason: "user" or "hidden". The session continues when no reason is left. */
  pause(reason) {
    if (!this.running || this.#pauses.has(reason)) return;

    this.#pauses.add(reason);
    if (this.#pauses.size > 1) return;

    this.#connection.send("pause");
    this.#settle();
  }

  unpause(reason) {
    if (!this.#pauses.delete(reason) || this.#pauses.size > 0) return;

    this.#connection.send("unpause");
    this.#settle();
  }

  /** {model?, label_set?, quality?} of the running session. */
  change(settings) {
    this.#connection.send("settings", settings);
  }

  useCamera(deviceId) {
    if (this.running) this.#camera.start(deviceId);
  }

  /** The network is back, or the visitor: no reason to wait for the next attempt. */
  hurry() {
    if (this.#connection.state === "waiting") this.#connection.reopen();
  }

  // the camera's delegate

  cameraStarted() {
    this.#frames.start();
    this.#connection.start(this.#resumeToken); // no effect when only the camera was changed
  }

  cameraFailed(notice) {
    this.#connection.leave();
    this.#fail(notice);
  }

  camerasChanged(cameras) {
    this.#delegate.camerasChanged(cameras);
  }

  // the connection's delegate

  get helloFields() {
    return this.#delegate.helloFields;
  }

  helloRefused(error) {
    this.#delegate.helloRefused(error);
  }

  connectionSlow() {
    this.#delegate.noticed("starting");
  }

  connectionWelcomed(welcome) {
    this.#session = welcome.session;
    this.#limits = welcome.limits;
    this.#pacer.reset();
    this.#pacer.credit = welcome.credit;
    this.#rate.limit({ fps: welcome.limits.max_fps, maxSide: welcome.limits.max_side });
    this.#ticking ??= this.#clock.setInterval(() => this.#tick(), TICK_MS);
    if (this.#pauses.size > 0) this.#connection.send("pause");
    this.#delegate.welcomed(welcome);
    this.#settle();
  }

  connectionReceived(message) {
    const receive = {
      result: () => this.#result(message),
      drop: () => this.#dropped(message.seq, message.reason),
      error: () => this.#refused(message),
      hint: () => this.#hinted(message),
      stats: () => this.#delegate.statsReceived(message),
      settings: () => this.#settings(message),
      bye: () => this.#delegate.ended(message.history_url, message.session),
    }[message.type];
    receive?.();
  }

  connectionInterrupted(notice) {
    this.#pacer.reset();
    this.#store.clear();
    this.#become(this.#session === null ? "starting" : "reconnecting");
    this.#delegate.noticed(notice);
  }

  connectionEnded(notice) {
    if (!this.running) return; // the goodbye of a session that was stopped

    const kept = this.#session;
    this.#fail(notice);
    if (kept !== null) this.#delegate.ended(null, kept);
  }

  // sending

  #framePresented() {
    if (this.#state !== "live" || !this.#pacer.ready) return;

    if (this.#connection.bufferedAmount > 0) this.#rate.backlogSeen();
    else this.#send(this.#pacer.reserve());
  }

  async #send(seq) {
    let frame;
    try {
      frame = await this.#encoder.encode(this.#video, this.#rate);
    } catch {
      this.#pacer.cancel(seq); // the frame is no longer available (a camera change); the next one follows
      return;
    }
    this.#encoded(seq, frame);
  }

  #encoded(seq, { bytes, bitmap, width, height, capturedMs }) {
    const tooLarge = bytes.byteLength + 24 > this.#limits.max_frame_bytes;
    if (tooLarge) this.#rate.backlogSeen();
    if (tooLarge || this.#state !== "live" || !this.#pacer.isReserved(seq)) {
      this.#pacer.cancel(seq);
      bitmap.close();
      return;
    }
    const header = { seq, capturedMs, width, height, answered: this.#pacer.answeredSeq };
    this.#store.put(seq, bitmap);
    this.#pacer.sent(seq);
    this.#connection.sendFrame(encodeFrame(header, bytes));
  }

  #tick() {
    this.#rate.adjust();
    this.#pacer.fps = this.#rate.fps;
    if (this.#pacer.oldestWaitMs > UNANSWERED_MS) this.#connection.reopen();
  }

  // receiving

  #result(result) {
    const roundTripMs = this.#pacer.answer(result.seq);
    if (roundTripMs !== null) this.#rate.answered(roundTripMs);
    const bitmap = this.#store.take(result.seq);
    if (this.#failures >= FAILURES_SHOWN && this.#state === "live") this.#delegate.noticed(null);
    this.#failures = 0;
    if (this.#state === "live") this.#delegate.facesSeen(result, bitmap);
    else bitmap?.close();
  }

  #dropped(seq, reason) {
    this.#pacer.answer(seq);
    this.#store.discard(seq);
    this.#failures = reason === "failed" ? this.#failures + 1 : this.#failures;
    if (this.#failures === FAILURES_SHOWN && this.#state === "live") this.#delegate.noticed("unanswered");
    this.#delegate.frameDropped(reason);
  }

  #refused({ code, message, seq }) {
    if (Number.isInteger(seq)) this.#dropped(seq, code);
    if (code === "unknown_model" || code === "unknown_labels") this.#delegate.noticed("settings");
    if (code === "server_error") this.#delegate.noticed("server-error", message);
  }

  #hinted(hint) {
    this.#rate.limit({ fps: hint.fps, maxSide: hint.max_side, jpegQuality: hint.jpeg_quality });
    if (hint.credit >= 1) this.#pacer.credit = hint.credit;
  }

  #settings(settings) {
    this.#session = settings.session;
    this.#delegate.settingsChanged(settings);
  }

  // states

  /** Live or paused, depending on the reasons; clears the notice shown before. */
  #settle() {
    if (this.#connection.state !== "open") return;

    const paused = this.#pauses.size > 0;
    this.#become(paused ? "paused" : "live");
    if (paused) this.#delegate.noticed(this.userPaused ? "paused" : "hidden");
    else this.#delegate.noticed(null);
  }

  #fail(notice) {
    this.#release();
    this.#become("error");
    this.#delegate.noticed(notice);
  }

  #release() {
    this.#clock.clearInterval(this.#ticking);
    this.#ticking = null;
    this.#frames.stop();
    this.#camera.stop();
    this.#encoder?.stop();
    this.#store.clear();
    this.#pacer.reset();
  }

  #become(state) {
    if (state === this.#state) return;

    this.#state = state;
    this.#delegate.stateChanged(state);
  }
}
