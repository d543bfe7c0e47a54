import { systemClock } from "../lib/clock.js";
import { SavedSession } from "../lib/saved_session.js";
import { ShortcutSwitch } from "../lib/shortcut_switch.js";
import { showPartsOf } from "../lib/task_parts.js";
import { Texts } from "../lib/texts.js";
import { Consent } from "./consent.js";
import { Controls } from "./controls.js";
import { FacesPanel } from "./faces_panel.js";
import { LiveSession } from "./live_session.js";
import { NoticeBoard } from "./notice_board.js";
import { ResultWatch } from "./result_watch.js";
import { SettingsPanel } from "./settings_panel.js";
import { Shortcuts } from "./shortcuts.js";
import { SlowHint } from "./slow_hint.js";
import { SlowWatch } from "./slow_watch.js";
import { Stage } from "./stage.js";
import { StatusLine } from "./status_line.js";
import { subjectsOf } from "./subjects.js";
import { UncertainHelp } from "./uncertain_help.js";
import { Wording } from "./wording.js";

/** The page `/`: creates the parts and passes events between them. */
export class LivePage {
  #root;
  #clock;
  #consent;
  #session;
  #stage;
  #faces;
  #controls;
  #settings;
  #status;
  #notices;
  #keys;
  #resultWatch;
  #slowWatch;
  #slowHint;
  #shortcuts;
  #wording;
  #uncertainHelp;
  #needed;
  #guide;
  #saved;
  #interrupted = null; // from `SavedSession`, until it is resumed or discarded
  #expiry = null;
  #results = 0;
  #listeners = [];

  constructor(root, { preferences, clock = systemClock, saved = new SavedSession() }) {
    const find = (selector) => root.querySelector(selector);
    const texts = new Texts(written("live-texts"), document.documentElement.lang);
    this.#guide = written("live-guide");
    this.#wording = new Wording(texts);
    const uncertain = written("live-uncertain");
    this.#uncertainHelp = new UncertainHelp(find("[data-uncertain-help]"), uncertain, texts);
    this.#needed = uncertain.needed;
    this.#root = root;
    this.#clock = clock;
    this.#saved = saved;
    this.#consent = new Consent(preferences, document.body.dataset.consent);
    this.#stage = new Stage(this, find("[data-stage]"), this.#wording);
    this.#faces = new FacesPanel(root, { texts, clock, wording: this.#wording });
    this.#controls = new Controls(this, find("[data-controls]"), { texts, preferences });
    this.#settings = new SettingsPanel(this, find("[data-settings]"), { texts, preferences });
    this.#status = new StatusLine(find("[data-status-chip]"), { texts, clock });
    this.#notices = new NoticeBoard(find("[data-notice]"), texts);
    this.#keys = new ShortcutSwitch(find("[data-shortcut-switch]"), preferences);
    this.#shortcuts = new Shortcuts({ s: () => this.#startOrStop(), p: () => this.pauseRequested(), m: () => this.#controls.toggleMirror() }, this.#keys);
    this.#resultWatch = new ResultWatch(this, clock);
    this.#slowWatch = new SlowWatch(this, clock);
    this.#slowHint = new SlowHint(find("[data-slow-hint]"), texts);
    this.#session = new LiveSession(this, { video: this.#stage.video, clock, url: socketUrl(), WebSocket: window.WebSocket, probe: serverAnswers });
  }

  start() {
    for (const part of [this.#stage, this.#controls, this.#settings, this.#status, this.#notices, this.#keys, this.#shortcuts]) part.start();
    this.#faces.start(written("live-first-labels")); // until a welcome names them
    this.#uncertainHelp.show();
    this.#listen(this.#find("[data-consent-accept]"), "click", () => this.#agree());
    this.#listen(this.#find("[data-consent-withdraw]"), "click", () => this.#withdraw());
    this.#listen(window, "storage", (change) => this.#storageChanged(change));
    this.#listen(document, "visibilitychange", () => this.#visibilityChanged());
    this.#listen(window, "online", () => this.#session.hurry());
    this.#listen(window, "pagehide", () => this.#pageLeft());
    this.#listen(window, "pageshow", ({ persisted }) => persisted && this.#resumeInterrupted());
    if (window.navigation) this.#listen(window.navigation, "navigate", (event) => leadsAway(event) && this.stopRequested());
    this.#find("[data-consent-accept]").disabled = false; // disabled until the script can handle it
    this.#showConsent();
    this.stateChanged("idle");
    this.#resumeInterrupted();
  }

  stop() {
    for (const remove of this.#listeners) remove();
    this.#session.stop();
    for (const part of [this.#stage, this.#faces, this.#controls, this.#settings, this.#status, this.#notices, this.#keys, this.#shortcuts]) part.stop();
  }

  // the visitor's actions

  startRequested() {
    if (!this.#consent.given) return this.#find("[data-consent-card]").focus();
    if (navigator.cookieEnabled === false) return this.#refuse("cookies");

    this.#results = 0;
    this.#status.reset();
    this.#find("[data-history-link]").hidden = true;
    this.noticed(null);
    this.#session.start(this.#settings.cameraId, this.#interrupted?.token);
    if (this.#interrupted?.paused) this.#session.pause("user");
    if (document.hidden) this.#session.pause("hidden");
    return undefined;
  }

  stopRequested() {
    this.#forgetInterrupted();
    this.#session.stop();
  }

  pauseRequested() {
    if (this.#session.userPaused) this.#session.unpause("user");
    else this.#session.pause("user");
    this.#showControls(this.#session.state);
  }

  mirrorChanged(on) {
    this.#stage.mirrored = on;
  }

  smoothChanged(on) {
    this.#stage.smooth = on;
  }

  settingsPicked(settings) {
    this.#session.change(settings);
  }

  cameraPicked(deviceId) {
    this.#session.useCamera(deviceId);
  }

  faceChosen(id) {
    this.#faces.faceChosen(id);
  }

  // the session's delegate

  get helloFields() {
    return { consent: this.#consent.version, locale: document.documentElement.lang, ...this.#settings.options, ...this.#interrupted?.settings };
  }

  helloRefused() {
    if (this.#interrupted) this.#interrupted.settings = {};
    this.#settings.forgetOptions();
  }

  stateChanged(state) {
    this.#root.dataset.state = state;
    this.#status.state = state;
    this.#showControls(state);
    this.#watchResults(state);
    if (["idle", "stopped", "error"].includes(state)) this.#clearFaces();
  }

  noticed(code, text) {
    this.#root.dataset.message = code ?? "";
    this.#notices.show(code, text);
    if (code === "consent") this.#consent.withdraw();
  }

  welcomed(welcome) {
    this.#forgetInterrupted();
    this.#status.device = welcome.device;
    this.#useSettings(welcome);
    this.#faces.useSession(welcome.session, welcome.labels);
  }

  settingsChanged(settings) {
    this.#useSettings(settings);
    this.#faces.useSession(settings.session, settings.labels);
  }

  facesSeen(result, bitmap) {
    const subjects = subjectsOf(result, this.#guideShare);
    this.#results += 1;
    this.#root.dataset.results = String(this.#results);
    this.#root.dataset.faces = String(result.faces.length);
    this.#faces.show(subjects);
    this.#stage.show(bitmap, subjects, this.#faces.chosenId);
    const latencyMs = this.#clock.now() - result.captured_ms;
    this.#status.resultShown(latencyMs);
    this.#resultWatch.resultSeen();
    this.#slowWatch.resultSeen(latencyMs, result.timing.total_ms);
  }

  frameDropped() {
    this.#status.frameDropped();
  }

  statsReceived({ device }) {
    if (device) this.#status.device = device;
  }

  camerasChanged(cameras) {
    this.#settings.showCameras(cameras, this.#session.cameraId);
  }

  ended(historyUrl, session) {
    const link = this.#find("[data-history-link]");
    if (!link.dataset.history) return; // the site has no history pages

    link.href = historyUrl ?? `${link.dataset.history}${session}/`;
    link.hidden = false;
  }

  // the session that continues after a reload

  #pageLeft() {
    const { userPaused: paused } = this.#session;
    const token = this.#session.suspend();
    if (this.#interrupted) this.#saved.save(this.#interrupted);
    else if (token) this.#saved.save({ token, paused, settings: this.#settings.inUse });
  }

  /** Resumes the session that a reload or a change of language interrupted; offers it where the camera would ask first. */
  async #resumeInterrupted() {
    const session = this.#saved.take();
    if (!session || !this.#consent.given) return;

    this.#interrupted = session;
    this.#expiry = this.#clock.setTimeout(() => this.#offerExpired(), session.leftMs);
    const allowed = await cameraAllowed();
    if (this.#interrupted !== session || this.#session.running) return; // the visitor was faster

    if (allowed) this.startRequested();
    else this.noticed("interrupted");
    this.#showControls(this.#session.state);
  }

  #offerExpired() {
    this.#forgetInterrupted();
    if (this.#notices.code === "interrupted") this.noticed(null);
  }

  #forgetInterrupted() {
    if (!this.#interrupted) return;

    this.#interrupted = null;
    this.#clock.clearTimeout(this.#expiry);
    this.#showControls(this.#session.state);
  }

  // the pace of the results

  resultsStale(stale) {
    this.#root.toggleAttribute("data-stale", stale);
    this.#status.stalled = stale;
    if (stale) this.#stage.clear();
  }

  slownessChanged(cause) {
    this.#status.slow = cause !== null;
    this.#slowHint.show(cause);
  }

  #watchResults(state) {
    if (state === "live" || state === "reconnecting") this.#resultWatch.wait();
    else if (state === "paused") this.#resultWatch.hold();
    else this.#resultWatch.reset();
    if (state !== "live" && state !== "reconnecting") this.#slowWatch.reset();
  }

  // consent

  #agree() {
    this.#consent.give();
    this.#find("[data-withdrawn]").hidden = true;
    this.#showConsent();
    this.#find("[data-control=start]").focus();
  }

  /** Ends everything that needs consent, and confirms it where the next Tab leads on. */
  #withdraw() {
    this.stopRequested();
    this.#consent.withdraw();
    this.#showConsent();
    const from = this.#session.state === "stopped" ? "session" : "rest";
    const confirmation = this.#find("[data-withdrawn]");
    for (const part of confirmation.querySelectorAll("[data-withdrawn-from]")) part.hidden = part.dataset.withdrawnFrom !== from;
    confirmation.hidden = false;
    confirmation.focus();
  }

  /** Another tab of the site withdrew consent, or cleared what this browser remembers. */
  #storageChanged({ key, newValue }) {
    const removed = (key === "consent" || key === null) && newValue === null;
    if (removed && this.#root.hasAttribute("data-agreed")) this.#withdraw();
  }

  #showConsent() {
    this.#root.toggleAttribute("data-agreed", this.#consent.given);
    this.#find("[data-control=start]").disabled = !this.#consent.given;
  }

  // the recognition mode

  #useSettings(settings) {
    this.#settings.show(settings);
    this.#uncertainHelp.show(settings);
    const { task } = this.#settings;
    if (task.name !== this.#root.dataset.task) this.#stage.clear(); // the previous model's result is not this one's
    this.#wording.task = task;
    this.#wording.needed = this.#needed[settings.model] ?? 0;
    this.#root.dataset.task = task.name;
    showPartsOf(this.#root, task);
  }

  /** The guide square's share of the frame's shorter side; null where the model uses the complete frame. */
  get #guideShare() {
    return this.#settings.task.guided ? this.#guide.share : null;
  }

  // the rest

  #showControls(state) {
    this.#controls.show(state, { userPaused: this.#session.userPaused, resumable: this.#interrupted !== null });
  }

  #startOrStop() {
    if (this.#session.running) this.stopRequested();
    else this.startRequested();
  }

  #refuse(notice) {
    this.stateChanged("error");
    this.noticed(notice);
  }

  #visibilityChanged() {
    if (document.hidden) this.#session.pause("hidden");
    else this.#session.unpause("hidden");
    if (!document.hidden) this.#session.hurry();
  }

  #clearFaces() {
    this.#root.dataset.faces = "0";
    this.#faces.clear();
    this.#stage.clear();
  }

  #find(selector) {
    return this.#root.querySelector(selector);
  }

  #listen(target, type, listener) {
    target.addEventListener(type, listener);
    this.#listeners.push(() => target.removeEventListener(type, listener));
  }
}

/** What the server wrote into the page as JSON. */
function written(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

/** Whether a navigation replaces this page by another one, rather than by itself or by itself in another language. */
function leadsAway({ destination, downloadRequest, formData }) {
  if (downloadRequest != null || formData) return false;
  return new URL(destination.url).pathname !== window.location.pathname;
}

/** Whether the browser opens the camera without asking; false where it is unknown. */
async function cameraAllowed() {
  try {
    return (await navigator.permissions.query({ name: "camera" })).state === "granted";
  } catch {
    return false;
  }
}

function socketUrl() {
  const scheme = window.location.protocol === "https:" ? "wss" : "ws";
  return `${scheme}://${window.location.host}/ws/live/`;
}

/** Whether the site itself responds, with its own health page: a proxy's error page does not count. */
async function serverAnswers() {
  try {
    const response = await fetch("/health", { cache: "no-store" });
    return typeof (await response.json()).status === "string";
  } catch {
    return false;
  }
}
