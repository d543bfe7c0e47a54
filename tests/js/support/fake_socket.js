/** A fresh class of sockets that a test opens, feeds and closes; it remembers all it made. */
export function fakeSocketClass() {
  return class FakeSocket {
    static all = [];

    static get last() {
      return this.all.at(-1);
    }

    bufferedAmount = 0;
    readyState = 0;
    sent = [];
    closed = false;

    constructor(url, subprotocol) {
      this.url = url;
      this.subprotocol = subprotocol;
      FakeSocket.all.push(this);
    }

    send(message) {
      this.sent.push(message);
    }

    close() {
      this.closed = true;
      this.readyState = 2;
    }

    // what the server does

    accept() {
      this.readyState = 1;
      this.onopen?.();
    }

    say(message) {
      this.onmessage?.({ data: typeof message === "string" ? message : JSON.stringify(message) });
    }

    /** The close frame is in, the page has not received it yet. */
    startToHangUp() {
      this.readyState = 2;
    }

    hangUp(code) {
      this.readyState = 3;
      this.onclose?.({ code });
    }

    /** The JSON messages sent so far, of one type or all. */
    messages(type = null) {
      const messages = this.sent.filter((message) => typeof message === "string").map((text) => JSON.parse(text));
      return type ? messages.filter((message) => message.type === type) : messages;
    }
  };
}

export const WELCOME = {
  type: "welcome", version: 1, session: "s1", resume: "token-1", resumed: false, credit: 2, consent: "c", device: "cpu",
  model: "m", label_set: "fer5", labels: ["happy", "sad"], models: [{ name: "m", title: "M", task: "emotion", label_sets: ["fer5"] }],
  quality: "balanced", limits: { max_frame_bytes: 524288, max_side: 1920, max_fps: 30, idle_s: 60 },
};

/** Lets promises settle. */
export async function settle() {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}
