// What stands beside the text: person-first hints, minutes with the code they support, letters on the keyboard.

export function hints(form, changed) {
  const left = new Set(); // words the author keeps, for as long as the page is open
  const tidy = (box) => {
    for (const hint of box.querySelectorAll("[data-hint]")) if (left.has(hint.dataset.found.toLowerCase())) hint.remove();
  };
  form.addEventListener("click", (event) => {
    const hint = event.target.closest("[data-hint]");
    if (!hint) return;
    const field = hint.closest(".npart").querySelector("textarea");
    if (event.target.matches("[data-use]")) {
      const at = field.value.indexOf(hint.dataset.found);
      if (at >= 0) field.setRangeText(event.target.dataset.use, at, at + hint.dataset.found.length, "end");
      changed();
    } else if (event.target.matches("[data-leave]")) left.add(hint.dataset.found.toLowerCase());
    else return;
    hint.remove();
    field.focus();
  });
  return (found) => {
    for (const box of form.querySelectorAll("[data-hints]")) {
      box.innerHTML = found[box.dataset.hints] ?? "";
      tidy(box);
    }
  };
}

export function minutes(form) {
  const clock = document.querySelector("[data-clock]");
  if (!clock) return;
  const ahead = Number(clock.dataset.now) * 1000 - Date.now();
  const started = Number(clock.dataset.started) * 1000;
  const field = (name) => form.elements[name]?.value ?? "";
  const ofDay = (text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));
  const count = () => {
    if (field("minutes") !== "") return Number(field("minutes"));
    if (field("ends")) return Math.max(0, ofDay(field("ends")) - ofDay(field("starts")));
    return Math.max(0, Math.floor((Date.now() + ahead - started) / 60000));
  };
  const show = () => {
    const now = count();
    for (const place of document.querySelectorAll("[data-minutes]")) place.textContent = String(now);
    const steps = [...document.querySelectorAll("[data-step]")];
    const here = steps.filter((step) => Number(step.dataset.step) <= now).at(-1);
    for (const step of steps) step.hidden = step !== here;
  };
  form.addEventListener("input", show);
  setInterval(show, 10000);
  show();
}

export function keys(form) {
  const typing = () => document.activeElement?.matches("input, textarea, select, [contenteditable]");
  const press = (event, target) => {
    if (!target) return;
    event.preventDefault();
    if (target.matches("a, button")) target.click();
    else target.focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.ctrlKey) return press(event, document.querySelector("[data-sign]"));
    if (event.altKey && /^Digit[1-9]$/.test(event.code)) {
      return press(event, form.querySelectorAll("textarea[data-part]")[Number(event.code.slice(5)) - 1]);
    }
    if (event.altKey && event.code === "KeyH") return press(event, document.getElementById("homework-words"));
    if (event.altKey && event.code === "KeyP") return press(event, document.querySelector("[data-hand]"));
    if (document.body.dataset.singleKeys === "off" || typing() || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "!") return press(event, document.querySelector("[data-unsafe]"));
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) press(event, document.querySelector("[data-chart]"));
  });
}
