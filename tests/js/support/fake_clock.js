/** A clock whose hands a test turns. */
export class FakeClock {
  #now = 0;
  #timers = new Map();
  #nextId = 1;

  now() {
    return this.#now;
  }

  setTimeout(callback, ms) {
    return this.#add({ at: this.#now + ms, callback });
  }

  setInterval(callback, ms) {
    return this.#add({ at: this.#now + ms, callback, every: ms });
  }

  clearTimeout(id) {
    this.#timers.delete(id);
  }

  clearInterval(id) {
    this.#timers.delete(id);
  }

  /** Lets time pass; timers ring in their order. */
  pass(ms) {
    const end = this.#now + ms;
    for (let next = this.#next(end); next; next = this.#next(end)) this.#ring(...next);
    this.#now = end;
  }

  #add(timer) {
    const id = this.#nextId++;
    this.#timers.set(id, timer);
    return id;
  }

  #next(end) {
    const due = [...this.#timers].filter(([, timer]) => timer.at <= end);
    return due.sort(([, a], [, b]) => a.at - b.at)[0];
  }

  #ring(id, timer) {
    this.#now = timer.at;
    if (timer.every) timer.at += timer.every;
    else this.#timers.delete(id);
    timer.callback();
  }
}
