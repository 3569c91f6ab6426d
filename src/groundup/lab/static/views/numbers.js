// Numbers that open: a panel with the values that a number was computed from, and rings around those in the picture.
//
// A frame's `origins` say by key where numbers come from (groundup.lessons.origins); a drawing marks the element that shows
// a number with `data-number="key"`. The mouse opens it, a click, a finger or Enter keeps it open, Escape closes it. All
// numbers of a view are one stop of the Tab key: the arrow keys go from one to the next. Whenever another number is open, the
// place of the picture gets an event `number-opened`, whose detail is the number's key, null if none is open.
import { button, element, format } from "/static/views/elements.js";

const WAIT = 160; // milliseconds until a number that the mouse has left closes
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const NEAR = 18; // pixels: a finger is not exact
const write = (number) => (Number.isInteger(number) && Math.abs(number) < 1e6 ? format(number, 6) : format(number)); // a count is exact

export class Numbers {
  constructor(root) {
    this.root = root;
    this.origins = {};
    this.key = null;
    this.trail = []; // the numbers from which the panel led to the open one
    this.kept = false;
    this.at = null; // the element that was opened; none if the panel itself led to a number
  }

  // Called after each drawing of a frame.
  refresh(origins) {
    this.origins = origins ?? {};
    if (!this.panel) {
      if (!origins) return;
      this.build();
    }
    this.nodes = [...this.root.querySelectorAll("[data-number]")];
    const opening = this.list();
    for (const node of this.nodes) if (!opening.includes(node)) this.close(node);
    for (const node of opening) this.equip(node);
    this.visit(opening.includes(this.stop) ? this.stop : opening[0]);
    this.hint.style.visibility = opening.length ? "" : "hidden"; // its line stays, so that nothing below it jumps
    // An element may show another number by now.
    const key = this.at && this.key ? (opening.includes(this.at) ? this.at.dataset.number : null) : this.key;
    if (key && this.origins[key]) this.show(key);
    else this.hide();
  }

  build() {
    this.panel = element("div", "origin");
    this.panel.hidden = true;
    this.panel.setAttribute("aria-live", "polite");
    this.rings = element("div", "origin-rings");
    this.rings.setAttribute("aria-hidden", "true");
    this.hint = element("p", "origin-hint", "Underlined numbers open: point at one, or press it.");
    this.root.classList.add("opens");
    this.root.append(this.rings, this.panel);
    this.root.after(this.hint);
    this.root.addEventListener("pointerover", (event) => {
      if (event.pointerType !== "mouse" || this.kept) return;
      const node = this.find(event.target);
      if (node) this.open(node);
      else if (this.panel.contains(event.target)) clearTimeout(this.later);
    });
    this.root.addEventListener("pointerout", (event) => {
      if (this.kept || !this.key || event.pointerType !== "mouse") return;
      clearTimeout(this.later);
      this.later = setTimeout(() => { if (!this.kept) this.hide(); }, WAIT);
    });
    this.root.addEventListener("click", (event) => {
      if (event.composedPath().includes(this.panel)) return; // a button in it may be gone by now
      const node = this.find(event.target) ?? (event.target.closest("[tabindex], button, input, a") ? null : this.findNear(event));
      if (!node) { this.hide(); return; }
      const again = this.kept && this.key === node.dataset.number;
      if (again) { this.hide(); return; }
      this.kept = true;
      this.visit(node);
      this.open(node);
    });
    this.root.addEventListener("focusin", (event) => {
      const node = this.find(event.target);
      if (node && !this.kept) { this.visit(node); this.open(node); }
    });
    this.root.addEventListener("focusout", (event) => { if (!this.kept && !this.root.contains(event.relatedTarget)) this.hide(); });
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.key) {
        event.stopPropagation();
        const back = this.panel.contains(document.activeElement);
        this.hide();
        if (back) this.stop?.focus({ preventScroll: true });
        return;
      }
      const node = this.find(event.target);
      if (!node) return;
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        const again = this.kept && this.key === node.dataset.number;
        this.kept = !again;
        if (again) this.hide(); else this.open(node);
      } else if (WAYS[event.key]) {
        event.preventDefault();
        const next = this.next(node, WAYS[event.key]);
        if (next) { this.kept = false; this.visit(next); next.focus(); this.open(next); }
      }
    });
    document.addEventListener("pointerdown", (event) => { if (this.key && !this.root.contains(event.target)) this.hide(); });
    new ResizeObserver(() => { if (this.key) this.place(); }).observe(this.root);
  }

  // The elements that open.
  list() { return this.nodes.filter((node) => this.origins[node.dataset.number]); }

  find(target) {
    const node = target.closest?.("[data-number]");
    return node && this.origins[node.dataset.number] ? node : null;
  }

  findNear({ clientX, clientY }) {
    const far = (node) => {
      const box = node.getBoundingClientRect();
      return Math.hypot(Math.max(box.left - clientX, 0, clientX - box.right), Math.max(box.top - clientY, 0, clientY - box.bottom));
    };
    const near = this.list().map((node) => [far(node), node]).sort(([one], [other]) => one - other)[0];
    return near && near[0] < NEAR ? near[1] : null;
  }

  // The nearest number in a direction: what lies aside counts twice.
  next(from, [right, down]) {
    const middle = (node) => { const box = node.getBoundingClientRect(); return [box.left + box.width / 2, box.top + box.height / 2]; };
    const [x, y] = middle(from);
    const rows = this.list().filter((node) => node !== from).map((node) => {
      const [a, b] = middle(node);
      const [along, aside] = [(a - x) * right + (b - y) * down, Math.abs((a - x) * down) + Math.abs((b - y) * right)];
      return { node, along, far: along + 2 * aside };
    }).filter(({ along }) => along > 1);
    return rows.sort((one, other) => one.far - other.far)[0]?.node;
  }

  equip(node) {
    const { name, value } = this.origins[node.dataset.number];
    node.classList.add("number-opens");
    node.setAttribute("role", "button");
    node.setAttribute("aria-label", `${name} = ${format(value)}: how it is computed`);
    if (!node.hasAttribute("tabindex")) node.setAttribute("tabindex", -1);
  }

  close(node) {
    if (!node.classList.contains("number-opens")) return;
    node.classList.remove("number-opens");
    for (const name of ["role", "aria-label", "tabindex"]) node.removeAttribute(name);
  }

  // The one number that the Tab key stops at.
  visit(node) {
    if (this.stop && this.stop !== node && this.stop.hasAttribute("tabindex")) this.stop.setAttribute("tabindex", -1);
    this.stop = node;
    node?.setAttribute("tabindex", 0);
  }

  open(node) {
    clearTimeout(this.later);
    this.at = node;
    this.trail = [];
    this.show(node.dataset.number);
  }

  // From a number in the panel to where it comes from, or back.
  follow(key, trail) {
    if (!this.origins[key]) { this.hide(); return; } // the frame has changed
    this.kept = true;
    this.at = null;
    this.trail = trail;
    this.show(key);
  }

  // Which number is open.
  note(key) {
    if (this.key === key) return;
    this.key = key;
    this.root.dispatchEvent(new CustomEvent("number-opened", { detail: key }));
  }

  hide() {
    this.kept = false;
    this.note(null);
    if (!this.panel || this.panel.hidden) return;
    this.panel.hidden = true;
    this.panel.replaceChildren();
    this.rings.replaceChildren();
  }

  show(key) {
    const origin = this.origins[key];
    const told = JSON.stringify([key, origin, this.trail]);
    if (this.panel.hidden || told !== this.told) {
      const held = this.panel.contains(document.activeElement);
      this.panel.replaceChildren(...this.write(origin));
      if (held) this.panel.querySelector("button")?.focus({ preventScroll: true });
    }
    this.note(key);
    this.told = told;
    this.panel.hidden = false;
    this.place();
  }

  write({ name, value, terms, sum, then }) {
    const result = element("p", "origin-result");
    if (this.trail.length) {
      const back = button("←", () => this.follow(this.trail.at(-1), this.trail.slice(0, -1)));
      back.setAttribute("aria-label", "back");
      result.append(back, " ");
    }
    result.append(`${name} = `, element("b", "", write(value)));
    const table = element("table");
    for (const { factors, product } of terms) {
      const row = table.insertRow();
      const [labels, values] = [row.insertCell(), row.insertCell()];
      factors.forEach(({ label, value: number, key, over }, place) => {
        const sign = place ? (over ? " ÷ " : " · ") : "";
        labels.append(sign, this.origins[key] ? button(label, () => this.follow(key, [...this.trail, this.key])) : label);
        const written = write(number);
        values.append(sign, place && number < 0 ? `(${written})` : written);
      });
      if (factors.length === 1) values.textContent = "";
      row.insertCell().textContent = write(product);
    }
    if (terms.length > 1) {
      const row = table.insertRow();
      row.className = "origin-sum";
      row.insertCell().textContent = "sum";
      row.insertCell();
      row.insertCell().textContent = write(sum);
    }
    const parts = [result, table];
    if (then) parts.push(element("p", "origin-then", `${then.replace("·", sum < 0 && !then.startsWith("·") && !then.includes("(·") ? `(${write(sum)})` : write(sum))} = ${write(value)}`));
    return parts;
  }

  // The panel near its number, where it hides the least of what the number comes from; rings around all of these.
  place() {
    const frame = this.root.getBoundingClientRect();
    const used = new Set(this.origins[this.key].terms.flatMap(({ factors }) => factors.map(({ key }) => key)).filter(Boolean));
    const ring = (node, kind) => {
      const box = node.getBoundingClientRect();
      const made = element("i", kind);
      Object.assign(made.style, { left: `${box.left - frame.left - 4}px`, top: `${box.top - frame.top - 3}px`, width: `${box.width + 8}px`, height: `${box.height + 6}px` });
      return made;
    };
    const seen = (node) => node.getBoundingClientRect().width > 0;
    const own = this.nodes.find((node) => node.dataset.number === this.key && seen(node));
    const sources = this.nodes.filter((node) => used.has(node.dataset.number) && seen(node));
    this.rings.replaceChildren(...sources.map((node) => ring(node, "origin-source")), ...(own ? [ring(own, "origin-own")] : []));
    const [width, height] = [this.panel.offsetWidth, this.panel.offsetHeight];
    const bounds = (x) => Math.max(frame.left, Math.min(x, frame.right - width));
    if (!own) { // it was opened inside of the panel, which stays where it is
      this.panel.style.left = `${bounds(this.panel.getBoundingClientRect().left) - frame.left}px`;
      return;
    }
    const box = own.getBoundingClientRect();
    const [under, over] = [box.bottom + 10, box.top - height - 10];
    const middle = box.left + box.width / 2;
    const places = [[middle - width / 2, under], [box.right - 8, under], [box.left - width + 8, under], [middle - width / 2, over], [box.right - 8, over], [box.left - width + 8, over]]
      .map(([x, y]) => [bounds(x), y]);
    const boxes = [...sources, own].map((node) => node.getBoundingClientRect());
    const hides = ([x, y]) => boxes.reduce((sum, { left, right, top, bottom }) => sum + Math.max(0, Math.min(right, x + width) - Math.max(left, x)) * Math.max(0, Math.min(bottom, y + height) - Math.max(top, y)), 0);
    // A place outside of the window is the worst one.
    const cost = ([x, y]) => hides([x, y]) + (y < 56 || y + height > innerHeight ? 1e6 : 0);
    const [left, top] = places.reduce((best, one) => (cost(one) < cost(best) ? one : best));
    Object.assign(this.panel.style, { left: `${left - frame.left}px`, top: `${top - frame.top}px` });
  }
}
