import { Backoff } from "../lib/backoff.js";
import { SUBPROTOCOL, ProtocolError, encodeHello, encodeMessage, parseMessage } from "../protocol.js";
import { afterClose } from "./close_policy.js";
import { ConnectionMonitor } from "./connection_monitor.js";

const OPENING_MS = 10 * 1000;
const GREETING_MS = 40 * 1000; // a starting server responds to a hello within 30 s
const SLOW_GREETING_MS = 1500;
const STARTING_MS = 20 * 1000; // 4503 after this much waiting means "still starting", not "full"
const FULL_RETRY_MS = 10 * 1000;
const LEAVING_MS = 2 * 1000;
const SOCKET_OPEN = 1; // WebSocket.OPEN
const REFUSALS_TO_GIVE_UP = 2; // one may be a restart that finished between the attempt and the check of /health
const HELLO_MAY_FOLLOW = new Set(["unknown_model", "unknown_labels", "bad_field"]);

/**
 * A socket that reconnects. States: closed, opening, greeting (hello sent), open, probing, waiting, leaving.
 * delegate: helloFields (getter), connectionWelcomed(welcome), connectionReceived(message), connectionSlow(),
 * helloRefused(error), connectionInterrupted(notice, retryMs), connectionEnded(notice).
 */
export class Connection {
  #delegate;
  #url;
  #WebSocket;
  #clock;
  #probe;
  #backoff;
  #monitor;
  #state = "closed";
  #socket = null;
  #timers = new Set();
  #resume = null;
  #refusals = 0;
  #helloRefused = false;
  #greetedAt = 0;

  /** probe: resolves to true when the server responds to plain HTTP. */
  constructor(delegate, { url, WebSocket, clock, probe, random = Math.random }) {
    this.#delegate = delegate;
    this.#url = url;
    this.#WebSocket = WebSocket;
    this.#clock = clock;
    this.#probe = probe;
    this.#backoff = new Backoff({ random });
    this.#monitor = new ConnectionMonitor(this, clock);
  }

  get state() {
    return this.#state;
  }

  get bufferedAmount() {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** The token that resumes the session of the last welcome, or null. */
  get resumeToken() {
    return this.#resume;
  }

  /** Opens a new session, or the token's; one that is saying goodbye need not be waited for. */
  start(resumeToken = null) {
    if (this.#state !== "closed" && this.#state !== "leaving") return;

    this.#resume = resumeToken;
    this.#refusals = 0;
    this.#backoff.reset();
    this.#open();
  }

  /** Sends bye; connectionEnded("stopped") follows, at the latest after 2 s. Before a welcome it just closes. */
  leave() {
    if (this.#state !== "open") return this.stop();

    this.send("bye");
    this.#monitor.stop();
    this.#state = "leaving";
    return this.#after(LEAVING_MS, () => this.#end("stopped"));
  }

  /** Closes immediately without a notification. */
  stop() {
    this.#drop();
    this.#state = "closed";
  }

  /** Does not wait for the timer: the network is back, or the connection is known to be dead. */
  reopen() {
    if (this.#state === "open") this.#lost("reconnecting");
    else if (this.#state === "waiting") this.#open();
  }

  /** True when the message went out. */
  send(type, fields) {
    return this.#sendOpen(encodeMessage(type, fields));
  }

  /** True when the frame went out. */
  sendFrame(message) {
    return this.#sendOpen(message);
  }

  #sendOpen(message) {
    // Between the server's close and the browser's word of it, sending would only fill the console.
    if (this.#state !== "open" || this.#socket.readyState !== SOCKET_OPEN) return false;

    this.#socket.send(message);
    return true;
  }

  // the monitor's delegate

  pingDue() {
    this.send("ping", { t: this.#clock.now() });
  }

  connectionSilent() {
    this.reopen();
  }

  // opening

  #open() {
    this.#drop();
    this.#state = "opening";
    const socket = new this.#WebSocket(this.#url, SUBPROTOCOL);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.#opened();
    socket.onmessage = (event) => this.#received(event.data);
    socket.onclose = (event) => this.#closed(event.code);
    this.#socket = socket;
    this.#after(OPENING_MS, () => this.#lost("unreachable"));
  }

  #opened() {
    this.#clearTimers();
    this.#refusals = 0;
    this.#helloRefused = false;
    this.#state = "greeting";
    this.#greetedAt = this.#clock.now();
    this.#sendHello();
    this.#after(SLOW_GREETING_MS, () => this.#delegate.connectionSlow());
    this.#after(GREETING_MS, () => this.#lost("reconnecting"));
  }

  #sendHello() {
    this.#socket.send(encodeHello({ ...this.#delegate.helloFields, resume: this.#resume }));
  }

  // receiving

  #received(text) {
    this.#monitor.heard();
    let message;
    try {
      message = parseMessage(text);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#end("protocol");
      return;
    }
    this.#understood(message);
  }

  #understood(message) {
    if (message.type === "welcome") this.#welcomed(message);
    else if (this.#state === "greeting" && HELLO_MAY_FOLLOW.has(message.code)) this.#helloAgain(message);
    else {
      if (message.type === "settings") this.#resume = message.resume;
      this.#delegate.connectionReceived(message);
    }
  }

  #welcomed(welcome) {
    this.#clearTimers();
    this.#backoff.reset();
    this.#resume = welcome.resume;
    this.#state = "open";
    this.#monitor.start();
    this.#delegate.connectionWelcomed(welcome);
  }

  #helloAgain(error) {
    if (this.#helloRefused) return this.#end("protocol");

    this.#helloRefused = true;
    this.#delegate.helloRefused(error);
    return this.#sendHello();
  }

  // closing

  #closed(code) {
    const { action, notice } = afterClose(code);
    if (this.#state === "leaving") this.#end("stopped");
    else if (this.#state === "opening") this.#refused();
    else if (action === "end") this.#end(notice);
    else if (action === "wait") this.#full(notice);
    else this.#lost(notice);
  }

  /** The handshake failed. Browsers hide the reason, so a plain request distinguishes a refusal from an empty house. */
  async #refused() {
    this.#drop();
    this.#state = "probing";
    const reachable = await this.#probe();
    if (this.#state !== "probing") return;

    this.#refusals = reachable ? this.#refusals + 1 : 0;
    if (this.#refusals >= REFUSALS_TO_GIVE_UP) this.#end("cookies");
    else this.#lost(this.#resume ? "reconnecting" : "unreachable");
  }

  #full(notice) {
    const starting = this.#state === "greeting" && this.#clock.now() - this.#greetedAt > STARTING_MS;
    this.#retryIn(FULL_RETRY_MS, starting ? "starting" : notice);
  }

  #lost(notice) {
    this.#retryIn(this.#backoff.next(), notice);
  }

  #retryIn(ms, notice) {
    this.#drop();
    this.#state = "waiting";
    this.#after(ms, () => this.#open());
    this.#delegate.connectionInterrupted(notice, ms);
  }

  #end(notice) {
    this.stop();
    this.#delegate.connectionEnded(notice);
  }

  #drop() {
    this.#monitor.stop();
    this.#clearTimers();
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;

    // A released socket may still send events; they are ignored.
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #after(ms, callback) {
    const timer = this.#clock.setTimeout(() => {
      this.#timers.delete(timer);
      callback();
    }, ms);
    this.#timers.add(timer);
  }

  #clearTimers() {
    for (const timer of this.#timers) this.#clock.clearTimeout(timer);
    this.#timers.clear();
  }
}
