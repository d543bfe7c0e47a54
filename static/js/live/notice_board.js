const KIND = {
  error: ["camera-denied", "camera-none", "camera-busy", "camera-lost", "insecure", "unsupported", "cookies", "flood", "protocol", "server-error"],
  warning: ["capacity", "reconnecting", "unreachable", "unanswered", "elsewhere", "consent", "idle", "settings", "interrupted"],
};
const RELOAD_HELPS = new Set(["cookies", "protocol", "consent"]);

/** The one notice of the page: what happened, and what to do about it. */
export class NoticeBoard {
  #root;
  #title;
  #text;
  #reload;
  #texts;
  #code = null;
  #clicked = () => window.location.reload();

  /** root holds [data-notice-title], [data-notice-text] and button[data-notice-reload]. */
  constructor(root, texts) {
    this.#root = root;
    this.#title = root.querySelector("[data-notice-title]");
    this.#text = root.querySelector("[data-notice-text]");
    this.#reload = root.querySelector("[data-notice-reload]");
    this.#texts = texts;
  }

  start() {
    this.#reload.addEventListener("click", this.#clicked);
  }

  stop() {
    this.#reload.removeEventListener("click", this.#clicked);
  }

  get code() {
    return this.#code;
  }

  /** Shows the notice of a code, with the server's own words if it sent some; null hides it. */
  show(code, text = null) {
    this.#code = code;
    const notice = code ? this.#texts.notice(code) : { title: "", text: "" };
    const kind = kindOf(code);
    this.#root.setAttribute("role", kind === "error" ? "alert" : "status");
    this.#root.className = kind ? `notice notice--${kind}` : "notice";
    this.#root.toggleAttribute("data-shown", code !== null);
    this.#title.textContent = notice.title;
    this.#text.textContent = text ?? notice.text;
    this.#reload.hidden = !RELOAD_HELPS.has(code);
  }
}

function kindOf(code) {
  if (code === "stopped") return "success";
  return Object.keys(KIND).find((kind) => KIND[kind].includes(code)) ?? null;
}
