// The dose form: the big number and the quantities follow each other, the quantity follows the days, Ctrl Enter signs.
// Plain arithmetic for the eye; the server reads the quantities and checks everything again.

import { number, stepped, steps } from "./amounts.js";

const form = document.querySelector("[data-dose-form]");
const one = (name) => form.querySelector(`[data-dose="${name}"]`);
const lines = () => [...form.querySelectorAll('[data-dose="line"]')].filter((field) => field.value.trim());
const short = (value) => String(Math.round(value * 1000) / 1000);

function product(option = one("product").selectedOptions[0]) {
  const per = option?.dataset.per ?? "";
  const step = per === "mL" ? 0.1 : option?.dataset.divisible === "yes" ? 0.5 : 1;
  return { strength: Number(option?.dataset.strength), unit: option?.dataset.unit, patch: per.endsWith(" h"), per, step };
}

// What is due once a week or more rarely is dispensed in whole rhythms: 4 weeks, not 30 days, are one injection.
function wholeRhythms() {
  const rhythm = every();
  if (rhythm < 7 || one("days").dataset.typed) return;
  one("days").value = short(rhythm * Math.max(1, Math.floor(30 / rhythm)));
}

const every = () => Number(one("every").value) || 1;
const needed = () => one("needed").checked;
const units = () => lines().reduce((sum, field) => sum + number(field.value), 0);
let preferred = form && one("product").value;
const hidden = () => form.querySelector('[name="daily_shown"]');

function showDaily() {
  const { strength, unit, patch, per } = product();
  const factor = patch ? (per === "1 h" ? 24 : 1) : 1 / every();
  const daily = (needed() ? number(one("most").value) / factor : units()) * strength * factor;
  document.querySelector("[data-unit]").textContent = unit;
  if (!Number.isFinite(daily)) return;
  one("daily").value = short(daily);
  hidden().value = one("daily").value;
}

// Whether whole pieces (or halves, where it may be split) of a product make the dose, in the present proportion.
function fits(option, wanted) {
  const { strength, step } = product(option);
  const now = units();
  const parts = now > 0 ? lines().map((field) => number(field.value) / now) : [1];
  return parts.every((part) => {
    const pieces = Math.round((wanted * every() * part * 100) / (strength * step)) / 100;
    return pieces > 0 && Number.isInteger(pieces);
  });
}

// A dose that the product cannot make goes to one that can: the one chosen by hand, its form, then the fewest pieces.
function choose(wanted) {
  const select = one("product");
  if (product().patch || !(wanted > 0)) return;
  const mine = [...select.options].find((option) => option.value === preferred) ?? select.selectedOptions[0];
  const alike = (option) => ["unit", "release", "per"].every((key) => option.dataset[key] === mine.dataset[key]);
  const far = (option) => (option === mine ? 0 : option.dataset.form === mine.dataset.form ? 1 : 2);
  const able = [...select.options].filter((option) => alike(option) && fits(option, wanted));
  able.sort((a, b) => far(a) - far(b) || b.dataset.strength - a.dataset.strength);
  if (able.length) select.value = able[0].value;
}

// The typed daily dose, shared out over the times in their present proportion.
function share() {
  if (!needed()) choose(number(one("daily").value));
  const { strength, patch } = product();
  const wanted = number(one("daily").value);
  const now = units();
  if (patch || !Number.isFinite(wanted) || wanted <= 0 || !strength) return;
  const fields = lines();
  if (needed()) {
    one("most").value = short(wanted / strength); // as needed, a day gives at most so much
  } else if (!fields.length) {
    form.querySelector('[data-when="morning"]').value = short((wanted * every()) / strength);
  } else if (now > 0) {
    for (const field of fields) field.value = short((wanted * every() * number(field.value)) / (now * strength));
  }
  hidden().value = one("daily").value;
  showQuantity();
}

function showQuantity() {
  const days = number(one("days").value);
  // Every dose that falls due in these days, the first day being one.
  const further = steps(form);
  const daily = further.length ? stepped(days, units(), further) : units() * Math.ceil(days / every());
  const all = needed() ? number(one("most").value) * days : daily;
  if (!Number.isFinite(all) || all <= 0 || one("quantity").dataset.typed) return;
  const { per } = product();
  const exact = Math.round(all * 1000) / 1000;
  one("quantity").value = short(per === "mL" ? Math.ceil(exact * 10) / 10 : Math.ceil(exact));
}

function step(direction) {
  const { strength, step } = product();
  const field = lines()[0];
  const now = number(one("daily").value);
  const size = strength * step * Math.max(lines().length, 1) / every();
  const next = Math.round(((Number.isFinite(now) ? now : 0) + direction * size) * 1000) / 1000;
  if (next <= 0 || !field) return;
  one("daily").value = short(next);
  share();
  one("daily").dispatchEvent(new Event("change", { bubbles: true }));
}

if (form) {
  form.addEventListener("input", (event) => {
    const what = event.target.dataset.dose;
    if (what === "product") preferred = event.target.value;
    const kept = what === "product" && fits(event.target.selectedOptions[0], number(one("daily").value));
    if (what === "every") wholeRhythms();
    if (what === "daily" || kept) share();
    else if (["line", "product", "every", "most", "needed"].includes(what)) {
      showDaily();
      showQuantity();
    }
    if (what === "days" || event.target.dataset.pack) showQuantity();
    if (what === "quantity" || what === "days") event.target.dataset.typed = event.target.value.trim();
  });
  document.querySelector("#findings")?.addEventListener("click", (event) => {
    const button = event.target.closest("[data-remedy]");
    if (!button) return;
    one("every").value = button.dataset.every;
    one("daily").value = button.dataset.daily;
    share();
    one("every").dispatchEvent(new Event("change", { bubbles: true }));
  });
  for (const button of form.querySelectorAll("[data-step]")) {
    button.addEventListener("click", () => step(Number(button.dataset.step)));
  }
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && !document.querySelector("dialog[open]")) {
      event.preventDefault();
      form.requestSubmit();
    }
    if (event.key === "Escape" && !document.querySelector("dialog[open]") && !event.target.matches("input, textarea, select")) {
      document.querySelector(".strip .acts a")?.click();
    }
  });
}
