import { Preferences } from "./preferences.js";

const KEY = "live_session";
const RESUMABLE_MS = 60 * 1000; // how long the server keeps a session without a connection

/**
 * The live session that a page passes to the next page of its tab: {token, paused, settings, savedAt}.
 * It is stored while the page is replaced and at no other time. A duplicated tab copies the storage of a running page,
 * and a token in it would take the session from the first tab.
 */
export class SavedSession {
  #storage;
  #now;

  constructor({ storage = new Preferences(() => window.sessionStorage), now = () => Date.now() } = {}) {
    this.#storage = storage;
    this.#now = now;
  }

  save(session) {
    this.#storage.set(KEY, JSON.stringify({ savedAt: this.#now(), ...session }));
  }

  /** The saved session, once, with `leftMs` in which it can be resumed; null when there is none or it is too late. */
  take() {
    const text = this.#storage.get(KEY);
    this.#storage.remove(KEY);
    const session = parsed(text);
    if (typeof session?.token !== "string") return null;

    const leftMs = RESUMABLE_MS - (this.#now() - session.savedAt);
    return leftMs > 0 ? { ...session, leftMs } : null;
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // written by another version of the page
  }
}
