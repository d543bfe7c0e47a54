import { systemClock } from "../lib/clock.js";
import { Texts } from "../lib/texts.js";
import { Consent } from "./consent.js";
import { Controls } from "./controls.js";
import { FacesPanel } from "./faces_panel.js";
import { LiveSession } from "./live_session.js";
import { NoticeBoard } from "./notice_board.js";
import { SettingsPanel } from "./settings_panel.js";
import { Shortcuts } from "./shortcuts.js";
import { Stage } from "./stage.js";
import { StatusLine } from "./status_line.js";
import { subjectsOf } from "./subjects.js";
import { UncertainHelp } from "./uncertain_help.js";
import { Wording } from "./wording.js";

const FIRST_LABELS = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]; // until a welcome names them

/** The page `/`: puts the parts together and carries news between them. */
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
  #shortcuts;
  #wording;
  #uncertainHelp;
  #needed;
  #guide;
  #results = 0;
  #listeners = [];

  constructor(root, { preferences, clock = systemClock }) {
    const find = (selector) => root.querySelector(selector);
    const texts = new Texts({ ...written("live-texts"), labels: written("live-labels") }, document.documentElement.lang);
    this.#guide = written("live-guide");
    this.#wording = new Wording(texts);
    const uncertain = written("live-uncertain");
    this.#uncertainHelp = new UncertainHelp(find("[data-uncertain-help]"), uncertain, texts);
    this.#needed = uncertain.needed;
    this.#root = root;
    this.#clock = clock;
    this.#consent = new Consent(preferences, document.body.dataset.consent);
    this.#stage = new Stage(this, find("[data-stage]"), { wording: this.#wording, clock });
    this.#faces = new FacesPanel(root, { texts, clock, wording: this.#wording });
    this.#controls = new Controls(this, find("[data-controls]"), { texts, preferences });
    this.#settings = new SettingsPanel(this, find("[data-settings]"), { texts, preferences });
    this.#status = new StatusLine(find("[data-status-chip]"), { texts, clock });
    this.#notices = new NoticeBoard(find("[data-notice]"), texts);
    this.#shortcuts = new Shortcuts({ s: () => this.#startOrStop(), p: () => this.pauseAsked(), m: () => this.#controls.toggleMirror() });
    this.#session = new LiveSession(this, { video: this.#stage.video, clock, url: socketUrl(), WebSocket: window.WebSocket, probe: serverAnswers });
  }

  start() {
    for (const part of [this.#stage, this.#controls, this.#settings, this.#status, this.#notices, this.#shortcuts]) part.start();
    this.#faces.start(FIRST_LABELS);
    this.#uncertainHelp.show();
    this.#listen(this.#find("[data-consent-accept]"), "click", () => this.#agree());
    this.#listen(this.#find("[data-consent-withdraw]"), "click", () => this.#withdraw());
    this.#listen(document, "visibilitychange", () => this.#visibilityChanged());
    this.#listen(window, "online", () => this.#session.hurry());
    this.#listen(window, "pagehide", () => this.#session.stop());
    this.#find("[data-consent-accept]").disabled = false; // nobody presses a button that does not work yet
    this.#showConsent();
    this.stateChanged("idle");
  }

  stop() {
    for (const remove of this.#listeners) remove();
    this.#session.stop();
    for (const part of [this.#stage, this.#faces, this.#controls, this.#settings, this.#status, this.#notices, this.#shortcuts]) part.stop();
  }

  // the visitor's wishes

  startAsked() {
    if (!this.#consent.given) return this.#find("[data-consent-card]").focus();
    if (navigator.cookieEnabled === false) return this.#refuse("cookies");

    this.#results = 0;
    this.#status.reset();
    this.#find("[data-history-link]").hidden = true;
    this.noticed(null);
    return this.#session.start(this.#settings.cameraId);
  }

  stopAsked() {
    this.#session.stop();
  }

  pauseAsked() {
    if (this.#session.userPaused) this.#session.unpause("user");
    else this.#session.pause("user");
    this.#controls.show(this.#session.state, this.#session);
  }

  mirrorChanged(on) {
    this.#stage.mirrored = on;
  }

  analysedChanged(on) {
    this.#stage.analysed = on;
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
    return { consent: this.#consent.version, locale: document.documentElement.lang, ...this.#settings.wishes };
  }

  helloRefused() {
    this.#settings.forgetWishes();
  }

  stateChanged(state) {
    this.#root.dataset.state = state;
    this.#status.state = state;
    this.#controls.show(state, this.#session);
    if (state === "paused") this.#stage.hold();
    if (["idle", "stopped", "error"].includes(state)) this.#clearFaces();
  }

  noticed(code, text) {
    this.#root.dataset.message = code ?? "";
    this.#notices.show(code, text);
    if (code === "consent") this.#consent.withdraw();
  }

  welcomed(welcome) {
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
    this.#status.resultShown(this.#clock.now() - result.captured_ms);
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
    link.href = historyUrl ?? `${link.dataset.history}${session}/`;
    link.hidden = false;
  }

  // consent

  #agree() {
    this.#consent.give();
    this.#showConsent();
    this.#find("[data-control=start]").focus();
  }

  #withdraw() {
    this.#session.stop();
    this.#consent.withdraw();
    this.#showConsent();
    this.#find("[data-consent-card]").focus();
  }

  #showConsent() {
    this.#root.toggleAttribute("data-agreed", this.#consent.given);
    this.#find("[data-control=start]").disabled = !this.#consent.given;
  }

  // what is recognised

  #useSettings(settings) {
    this.#settings.show(settings);
    this.#uncertainHelp.show(settings);
    const { task } = this.#settings;
    if (task !== this.#root.dataset.task) this.#stage.clear(); // the last model's answer is not this one's
    this.#wording.task = task;
    this.#wording.needed = this.#needed[settings.model] ?? 0;
    this.#root.dataset.task = task;
    const shown = [task, this.#wording.ofPictures ? "picture" : "faces"];
    for (const part of this.#root.querySelectorAll("[data-of]")) part.hidden = !shown.includes(part.dataset.of);
  }

  /** The guide square's share of the frame's shorter side; null where the model looks at all of the frame. */
  get #guideShare() {
    return this.#guide.tasks.includes(this.#settings.task) ? this.#guide.share : null;
  }

  // the rest

  #startOrStop() {
    if (this.#session.running) this.stopAsked();
    else this.startAsked();
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

function socketUrl() {
  const scheme = window.location.protocol === "https:" ? "wss" : "ws";
  return `${scheme}://${window.location.host}/ws/live/`;
}

/** Whether the site itself answers, by its own health page: a proxy's error page does not count. */
async function serverAnswers() {
  try {
    const response = await fetch("/health", { cache: "no-store" });
    return typeof (await response.json()).status === "string";
  } catch {
    return false;
  }
}
