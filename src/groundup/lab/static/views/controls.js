// The controls of views: each maker returns { root, show(value) } and calls `change(value)` when the hand moves it.
import { element, format, nextId } from "/static/views/elements.js";

const MAKERS = { slider, choice, several, switch: toggle, text };

export function buildControl(control, change) {
  const make = MAKERS[control.kind];
  return make && !control.hidden ? make(control, change) : null;
}

function slider(control, change) {
  const root = element("label", "control slider");
  const told = element("output");
  const input = element("input");
  input.type = "range";
  input.name = control.name;
  // A logarithmic slider moves along exponents.
  const toPlace = control.log ? Math.log : (value) => value;
  const toValue = control.log ? Math.exp : (place) => place;
  input.min = toPlace(control.low);
  input.max = toPlace(control.high);
  input.step = control.log ? (input.max - input.min) / 200 : control.step;
  const snap = (value) => {
    if (value >= control.high) return control.high;
    if (value <= control.low) return control.low;
    const places = Math.max(0, -Math.floor(Math.log10(control.step)));
    const near = control.log ? Number(value.toPrecision(2)) : Math.round((value - control.low) / control.step) * control.step + control.low;
    return control.log ? near : Number(near.toFixed(places + 1));
  };
  const show = (value) => {
    if (Math.abs(toValue(Number(input.value)) - value) > 1e-12) input.value = toPlace(value);
    told.textContent = format(value);
    input.setAttribute("aria-valuetext", format(value));
  };
  input.addEventListener("input", () => {
    const value = snap(toValue(Number(input.value)));
    told.textContent = format(value);
    change(value);
  });
  root.append(element("span", "name", control.label), input, told);
  show(control.value);
  return { root, show };
}

function choice(control, change) {
  const root = element("fieldset", "control choice");
  root.append(element("legend", "name", control.label));
  const group = nextId(control.name);
  const inputs = control.options.map(([option, word]) => {
    const label = element("label");
    const input = element("input");
    input.type = "radio";
    input.name = group;
    input.value = option;
    input.addEventListener("change", () => change(option));
    label.append(input, element("span", "", word));
    root.append(label);
    return input;
  });
  const show = (value) => { for (const input of inputs) input.checked = input.value === value; };
  show(control.value);
  return { root, show };
}

// Words of which at least one is chosen: the last one stays.
function several(control, change) {
  const root = element("fieldset", "control choice several");
  root.append(element("legend", "name", control.label));
  const inputs = control.options.map((option) => {
    const label = element("label");
    const input = element("input");
    input.type = "checkbox";
    input.name = control.name;
    input.value = option;
    input.addEventListener("change", () => {
      const chosen = inputs.filter((one) => one.checked).map((one) => one.value);
      if (chosen.length) change(chosen);
      else input.checked = true;
    });
    label.append(input, element("span", "", option));
    root.append(label);
    return input;
  });
  const show = (values) => { for (const input of inputs) input.checked = values.includes(input.value); };
  show(control.value);
  return { root, show };
}

function toggle(control, change) {
  const root = element("label", "control switch");
  const input = element("input");
  input.type = "checkbox";
  input.name = control.name;
  input.setAttribute("role", "switch");
  input.addEventListener("change", () => change(input.checked));
  root.append(input, element("span", "name", control.label));
  const show = (value) => { input.checked = value; };
  show(control.value);
  return { root, show };
}

function text(control, change) {
  const root = element("label", "control text");
  const input = element("input");
  input.type = "text";
  input.name = control.name;
  input.maxLength = control.most;
  input.placeholder = control.example ?? "";
  input.spellcheck = false;
  input.autocomplete = "off";
  let later;
  input.addEventListener("input", () => {
    clearTimeout(later);
    later = setTimeout(() => change(input.value), 200);
  });
  const show = (value) => { if (document.activeElement !== input) input.value = value; };
  root.append(element("span", "name", control.label), input);
  input.value = control.value;
  return { root, show };
}
