// A view: controls, a picture, what it shows in words. The lab computes frames; a drawing draws them.
//
// A drawing is a function `draw(api)` that builds the picture in `api.root` and returns
//   update(frame, values, api)  draws a frame; called at most once per animation frame
//   local: ["steps"]            controls whose change needs no new frame
//   traced: ["steps"]           those of them that decide which numbers open: when the hand rests, a new frame says where these come from
//   pace: 8                     how many steps Play takes per second
//   isDone: (values) => …       whether what a question or button sets is a finished picture, which is not played
//   fresh: {weights: []}        of a view that trains: what it goes on from, which Restart and every other control forget
// It may call api.set({name: value}) when the hand moves something, and api.say(text).
import { select } from "/static/vendor/d3.js";

import { askJson } from "/static/tools.js";
import { button, element, tidy } from "/static/views/elements.js";
import { buildControl } from "/static/views/controls.js";
import { Numbers } from "/static/views/numbers.js";

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const HURRY = 90; // milliseconds
const REST = 150; // milliseconds after which the hand rests

export class View {
  constructor(figure, spec, draw) {
    this.figure = figure;
    this.spec = spec;
    this.values = Object.fromEntries(spec.controls.map((control) => [control.name, control.value]));
    this.frame = spec.frame;
    this.playing = false;
    this.hurried = false;
    this.lastDrawn = -Infinity;
    this.movedAt = -Infinity;
    this.root = figure.querySelector(".picture");
    this.bar = element("div", "controls");
    this.refusal = element("p", "refusal");
    this.refusal.setAttribute("role", "alert");
    this.says = element("p", "says");
    this.says.setAttribute("aria-live", "polite");
    this.root.after(this.bar, this.refusal, this.says);
    figure.setAttribute("aria-label", spec.title);
    this.widgets = new Map();
    for (const control of spec.controls) {
      const widget = buildControl(control, (value) => this.set({ [control.name]: value }, { inPicture: false }));
      if (widget) {
        this.widgets.set(control.name, widget);
        (control.more ? this.fold() : this.bar).append(widget.root);
      }
    }
    if (this.folded) this.bar.append(this.folded);
    this.player = spec.controls.find((control) => control.plays);
    if (this.player || spec.stream) this.addPlayer();
    this.drawing = draw(this);
    this.numbers = new Numbers(this.root);
    this.local = new Set(this.drawing.local ?? []);
    // The first frame of a view that trains is its state before the training: no process needs to start for it.
    this.hasFirst = Boolean(this.frame);
    if (this.frame) this.redraw();
    new ResizeObserver(() => this.redraw()).observe(this.root);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.redraw());
  }

  // Whether a picture is to jump to its new state: the reader wants no motion, or the next one comes before it would end.
  get isCalm() { return calm.matches || this.hurried; }

  // The place of the controls that the reader opens when wanted, last of all.
  fold() {
    if (!this.folded) {
      this.folded = element("details", "more-settings");
      this.folded.append(element("summary", "", "More settings"), element("div", "folded"));
    }
    return this.folded.lastChild;
  }

  // Play, Pause, Step, Restart.
  addPlayer() {
    const group = element("div", "player");
    this.playButton = button("Play", () => (this.playing ? this.pause() : this.play()));
    this.playButton.classList.add("play-button");
    group.append(
      this.playButton,
      button("Step", () => { this.pause(); this.advance(); }),
      button("Restart", () => { this.pause(); this.restart(); }),
    );
    this.bar.prepend(group);
  }

  play(fromStart = false) {
    if (!this.playButton) return;
    if (fromStart || (this.player && this.values[this.player.name] >= this.player.high)) this.restart();
    if (calm.matches && this.player) { this.set({ [this.player.name]: this.player.high }); return; }
    if (this.playing) return;
    this.playing = true;
    this.playButton.textContent = "Pause";
    this.playButton.setAttribute("aria-pressed", "true");
    this.tick();
  }

  pause() {
    this.playing = false;
    clearTimeout(this.timer);
    if (this.playButton) {
      this.playButton.textContent = "Play";
      this.playButton.setAttribute("aria-pressed", "false");
    }
  }

  // Ask for the first frame, unless the page came with it or the hand has asked already.
  async begin() { if (!this.frame && !this.asking) await this.request(); }

  async tick() {
    if (!this.playing) return;
    const rest = this.movedAt + REST - performance.now();
    if (rest > 0) { this.timer = setTimeout(() => this.tick(), rest); return; }
    const began = performance.now();
    const goesOn = await this.advance();
    if (!goesOn) { this.pause(); return; }
    const wait = this.spec.stream ? 0 : 1000 / (this.drawing.pace ?? 8);
    this.timer = setTimeout(() => this.tick(), Math.max(0, wait - (performance.now() - began)));
  }

  // One step further; false at the end.
  async advance() {
    if (this.spec.stream) return this.pull();
    const { name, high, step } = this.player;
    if (this.values[name] >= high) return false;
    this.set({ [name]: Math.min(high, this.values[name] + step) });
    return this.values[name] < high;
  }

  restart() {
    if (this.spec.stream) { Object.assign(this.values, this.drawing.fresh); this.stopStream(); this.request(); } else this.set({ [this.player.name]: this.player.low });
  }

  // Change controls: redraw where that needs no new frame, else ask for one. What the hand holds in the picture follows it
  // at once; a control below the picture shows its own state, and the picture comes with the frame.
  set(changes, { inPicture = true } = {}) {
    const changed = Object.keys(changes).filter((name) => name in this.values && this.values[name] !== changes[name]);
    if (!changed.length) return;
    for (const name of changed) {
      this.values[name] = changes[name];
      this.widgets.get(name)?.show(changes[name]);
    }
    if (changed.every((name) => this.local.has(name))) {
      this.redraw();
      if (changed.some((name) => this.drawing.traced?.includes(name))) this.trace();
    } else if (this.spec.stream) {
      // Its state before the training is shown at once; while it plays, the training begins when the hand rests.
      if (changed.every((name) => name in (this.drawing.fresh ?? {}))) this.pause();
      else Object.assign(this.values, this.drawing.fresh);
      this.movedAt = performance.now();
      this.stopStream();
      this.request();
      if (!inPicture) return;
    } else {
      this.turn = {};
      this.request();
      if (!inPicture) return;
    }
    this.redraw();
  }

  // Where the numbers come from that are shown now, as soon as nothing moves.
  trace() {
    clearTimeout(this.later);
    this.later = setTimeout(() => (this.playing ? this.trace() : this.request()), REST);
  }

  // Ask for the newest frame: one request at a time.
  async request() {
    clearTimeout(this.later);
    if (this.asking) { this.again = true; return; }
    this.asking = true;
    do {
      this.again = false;
      const turn = this.turn;
      try {
        const found = await this.ask();
        if (!found.refused) this.frame = found;
        this.refuse(found.refused ?? "");
        this.hasFirst = !found.refused && turn === this.turn;
      } catch (error) {
        this.refuse(error.message);
      }
      this.redraw();
    } while (this.again);
    this.asking = false;
    this.settle();
    if (this.more && !this.playing) this.pull();
    else if (this.frame?.partial) this.later = setTimeout(() => this.complete(), REST);
  }

  ask(whole = "") { return askJson(`/api/lessons/${this.spec.lesson}/views/${this.spec.name}${whole}`, this.values); }

  // What the frame lacks, since it takes longer than the hand waits.
  async complete() {
    const { turn } = this;
    try {
      const found = await this.ask("?whole");
      if (this.turn !== turn || !this.hasFirst || found.refused) return; // the hand has moved on, or it trains
      // A process that starts meanwhile is told of until it has made a step.
      this.frame = this.asking ? { ...found, says: this.frame.says } : found;
    } catch (error) {
      this.refuse(error.message);
    }
    this.redraw();
    this.settle();
  }

  settle() { this.figure.dataset.settled = String(Number(this.figure.dataset.settled ?? 0) + 1); }

  // The next frame of a view that trains; false when it has ended.
  async pull() {
    if (this.asking) { this.more = true; return true; }
    this.asking = true;
    this.more = false;
    const turn = this.turn;
    const isOld = () => turn !== this.turn;
    try {
      // A process has to start: say so until its first frame is here.
      if (!this.stream && this.frame) this.frame = { ...this.frame, says: "The training starts …" };
      if (!this.stream) this.redraw();
      const stream = this.stream ?? (await askJson(`/api/lessons/${this.spec.lesson}/streams/${this.spec.name}`, this.values)).stream;
      if (isOld()) { this.stopLater(stream); return true; }
      this.stream = stream;
      // The page may show its first frame already.
      const { frames, done, refused } = await askJson(`/api/streams/${stream}`, { frames: this.hasFirst ? 2 : 1 });
      if (isOld()) return true;
      this.hasFirst = false;
      if (frames?.length) this.frame = frames.at(-1);
      if (done || refused) this.stream = null;
      this.refuse(refused ?? "");
      this.redraw();
      return !done && !refused;
    } catch (error) {
      if (isOld()) return true;
      this.stream = null;
      this.refuse(error.message);
      return false;
    } finally {
      this.asking = false;
      this.settle();
      if (this.ended) this.stopLater(this.ended);
      // What was asked for in the meantime; while it plays, the next tick asks for the next frame.
      if (this.again) this.request();
      else if (this.more && !this.playing) this.pull();
    }
  }

  // End the stream; what was asked of it comes to nothing.
  stopStream() {
    this.turn = {};
    this.hasFirst = false;
    if (this.stream) this.stopLater(this.stream);
    this.stream = null;
  }

  // Tell the lab that a stream has ended, but not while a frame of it is on its way.
  stopLater(stream, now = false) {
    this.ended = null;
    if (this.asking && !now) this.ended = stream;
    else navigator.sendBeacon(`/api/streams/${stream}/stop`);
  }

  leave() {
    this.pause();
    clearTimeout(this.later);
    if (this.stream) this.stopLater(this.stream, true);
    this.stopStream();
  }

  redraw() {
    if (!this.frame || this.drawn) return;
    this.drawn = requestAnimationFrame(() => {
      this.drawn = 0;
      this.hurry();
      this.say(this.frame.says ?? "");
      this.drawing.update(this.frame, this.values, this);
      // Until the hand rests and the origins come, an open number stays open.
      if (!(this.frame.partial && this.frame.origins && this.numbers.panel)) this.numbers.refresh(this.frame.origins);
    });
  }

  // Where pictures follow each other quickly, each takes the place of the last without a motion between them.
  hurry() {
    const now = performance.now();
    const hurried = !this.playing && now - this.lastDrawn < HURRY;
    this.lastDrawn = now;
    if (hurried === this.hurried) return;
    this.hurried = hurried;
    this.root.classList.toggle("hurried", hurried);
    if (hurried) select(this.root).selectAll("*").interrupt();
  }

  say(text) {
    this.told = tidy(text);
    queueMicrotask(() => { if (this.says.textContent !== this.told) this.says.textContent = this.told; });
  }

  refuse(text) { if (this.refusal.textContent !== text) this.refusal.textContent = text; }
}
