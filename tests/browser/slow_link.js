// A link that a test can slow down or interrupt: `link.everyMs` apart at least, `link.delayMs` late, none while `link.held`.
(() => {
  const Plain = window.WebSocket;
  const waiting = [];
  let freeAt = 0;

  window.link = {
    delayMs: 0,
    everyMs: 0,
    held: false,
    release() {
      this.held = false;
      for (const deliver of waiting.splice(0)) deliver();
    },
  };

  function arrive(deliver) {
    if (window.link.held) waiting.push(deliver);
    else deliver();
  }

  class SlowSocket extends Plain {
    set onmessage(listener) {
      super.onmessage = listener && ((event) => this.#late(event, listener));
    }

    get onmessage() {
      return super.onmessage;
    }

    #late(event, listener) {
      if (JSON.parse(event.data).type !== "result") return listener(event);

      const now = performance.now();
      freeAt = Math.max(freeAt, now) + window.link.everyMs;
      const deliver = () => this.onmessage && listener(event);
      return setTimeout(() => arrive(deliver), Math.max(freeAt - now, window.link.delayMs));
    }
  }

  window.WebSocket = SlowSocket;
})();
