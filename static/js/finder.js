// Ctrl K: the page's actions, the destinations, and (for people who may) patients, asked from the server by POST.
// The server answers a list of links; the focus stays in the field, arrows choose, Enter goes.

import { actions } from "./keys.js";

const dialog = document.getElementById("finder");
const form = dialog?.querySelector("[data-finder]");
const field = form?.querySelector("input[name=q]");
const list = dialog?.querySelector("[role=listbox]");
const said = dialog?.querySelector(".finder-said");
const WAIT = 150;
let timer, running, chosen = -1, count = 0;

const options = () => [...list.querySelectorAll('[role="option"]')];
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const matches = (label, words) => words.every((word) => plain(label).includes(word));

function row(label, key, press) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  const text = document.createElement("span");
  button.type = "button";
  text.className = "grow";
  text.textContent = label;
  button.append(text);
  if (key) button.append(Object.assign(document.createElement("kbd"), { textContent: key }));
  button.addEventListener("click", () => {
    dialog.close();
    press();
  });
  item.append(button);
  return item;
}

function own(words) {
  const found = actions().filter(({ label }) => label && matches(label, words)).map(({ label, key, node }) => row(label, key, () => node.click()));
  for (const link of document.querySelectorAll(".top nav a")) {
    const label = link.firstChild.textContent.trim();
    if (matches(label, words)) found.push(row(label, "", () => link.click()));
  }
  return found;
}

function dress() {
  count = 0;
  for (const node of list.querySelectorAll("a[href], button")) {
    node.setAttribute("role", "option");
    node.id = `found-${count++}`;
    node.tabIndex = -1;
    node.closest("li")?.setAttribute("role", "presentation");
  }
  choose(0);
}

function choose(to) {
  const all = options();
  chosen = all.length ? (to + all.length) % all.length : -1;
  all.forEach((node, at) => {
    node.setAttribute("aria-selected", String(at === chosen));
    node.closest("li")?.classList.toggle("on", at === chosen);
  });
  field.setAttribute("aria-expanded", String(all.length > 0));
  if (all[chosen]) {
    field.setAttribute("aria-activedescendant", all[chosen].id);
    all[chosen].scrollIntoView({ block: "nearest" });
  } else {
    field.removeAttribute("aria-activedescendant");
  }
}

async function patients(text) {
  running?.abort();
  running = new AbortController();
  const body = new FormData(form);
  const answer = await fetch(form.action, { method: "POST", body, signal: running.signal, redirect: "manual", headers: { "HX-Request": "true" } });
  if (answer.status === 401 || answer.type === "opaqueredirect") return void (said.textContent = "You were signed out. Load the page again.");
  if (!answer.ok || field.value !== text) return;
  const held = document.createElement("template");
  held.innerHTML = await answer.text();
  list.append(...[...held.content.children].flatMap((node) => (node.matches("ul, ol") ? [...node.children] : node)));
  dress();
  said.textContent = count ? "" : "Nobody and nothing found. Try part of the name, the birth date or the record number.";
}

function search() {
  const text = field.value;
  const words = plain(text).split(/\s+/).filter(Boolean);
  list.replaceChildren(...own(words).slice(0, 12));
  dress();
  clearTimeout(timer);
  running?.abort();
  const asks = form.hasAttribute("data-palette") && text.trim().length > 1;
  said.textContent = count || asks ? "" : "Nothing found.";
  if (asks) timer = setTimeout(() => patients(text).catch((why) => {
    if (why.name !== "AbortError") said.textContent = "The search did not answer. Try again.";
  }), WAIT);
}

if (form) {
  for (const [name, value] of Object.entries({ role: "combobox", "aria-controls": list.id, "aria-expanded": "false", "aria-autocomplete": "list" })) field.setAttribute(name, value);
  field.addEventListener("input", search);
  field.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      choose(chosen + step);
    } else if (event.key === "Enter") {
      event.preventDefault();
      options()[chosen]?.click();
    }
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  dialog.addEventListener("tandem:opened", () => {
    field.value = "";
    field.focus();
    search();
  });
}
