// Single letters: data-key="s" on a link or button presses it. Off while typing, in a dialog that does not have the
// key, and for people who switched single letters off. Inside a row of a grid the row's own keys come first.
// "?" lists them; J and K enter the page's grid.

const TYPING = "input:not([type=checkbox]):not([type=radio]):not([type=button]):not([type=submit]), textarea, select, [contenteditable=''], [contenteditable=true]";

const off = () => document.body.dataset.singleKeys === "off";
const same = (node, key) => node.dataset.key.toLowerCase() === key.toLowerCase();

function usable(node) {
  if (node.disabled || node.getAttribute("aria-disabled") === "true") return false;
  return node.checkVisibility?.() ?? true;
}

function find(root, key, within) {
  return [...root.querySelectorAll("[data-key]")].find(
    (node) => same(node, key) && usable(node) && (within || !node.closest("[data-item]")),
  );
}

function pressed(key) {
  const dialog = [...document.querySelectorAll("dialog[open]")].at(-1);
  if (dialog) return find(dialog, key, true);
  const row = document.activeElement?.closest?.("[data-item]");
  if (row) {
    const own = row.matches("[data-key]") && same(row, key) ? row : find(row, key, true);
    if (own) return own;
  }
  return find(document, key, false);
}

function name(node) {
  const copy = node.cloneNode(true);
  copy.querySelectorAll("kbd, .visually-hidden").forEach((part) => part.remove());
  return node.dataset.keyLabel || copy.textContent.replace(/\s+/g, " ").trim() || node.getAttribute("aria-label") || "";
}

function actions() {
  const seen = new Map();
  for (const node of document.querySelectorAll("[data-key]")) {
    const key = node.dataset.key.toUpperCase();
    if (!seen.has(key) && !node.closest("dialog")) seen.set(key, { key, label: name(node), node });
  }
  return [...seen.values()];
}

function list() {
  const here = document.querySelector("[data-keys-here]");
  if (!here) return;
  const known = actions();
  if (document.querySelector("[data-roving]")) known.unshift({ key: "J K", label: "Next and previous row" });
  here.replaceChildren(
    ...known.map(({ key, label }) => {
      const row = document.createElement("div");
      const term = document.createElement("dt");
      const cap = document.createElement("kbd");
      const words = document.createElement("dd");
      cap.textContent = key;
      words.textContent = label;
      term.append(cap);
      row.append(term, words);
      return row;
    }),
  );
  document.querySelector("[data-keys-title]").hidden = !known.length;
}

// Inside a grid its own module moves.
const entering = (from) => document.querySelector("[data-roving]") && !from.closest?.("[data-roving] [data-item]");

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
    const finder = document.querySelector("[data-dialog=finder]");
    if (!finder) return;
    event.preventDefault();
    if (!document.querySelector("dialog[open]")) finder.click();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1 || off()) return;
  if (event.target.closest?.(TYPING) || event.repeat) return;
  const modal = document.querySelector("dialog[open]");
  if (event.key === "?" && !modal) {
    event.preventDefault();
    document.querySelector("[data-dialog=keys-help]")?.click();
    return;
  }
  const node = pressed(event.key);
  if (node) {
    event.preventDefault();
    if (node.matches("input, select, textarea")) node.focus();
    else node.click();
  } else if (/^[jk]$/i.test(event.key) && !modal && entering(event.target)) {
    event.preventDefault();
    document.dispatchEvent(new CustomEvent("tandem:enter-grid"));
  }
});

document.addEventListener("tandem:opened", (event) => event.target.id === "keys-help" && list());

export { actions };
