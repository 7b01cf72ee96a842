// The day board: a visit opens as a dialog, and letters take the focused visit a step on. Arrows come from roving.js,
// letters of buttons from keys.js. Everything is a link or a form underneath; the board works by clicking alone.

const board = document.getElementById("board");
const dialog = document.getElementById("visit-dialog");
let opened = ""; // id of the link whose visit the dialog shows

const linkOf = (target) => target.closest?.("a[data-visit]");

async function open(link) {
  const answer = await fetch(link.href, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
  if (!answer.ok) {
    location.assign(link.href);
    return;
  }
  document.getElementById("visit-body").innerHTML = await answer.text();
  opened = link.id;
  dialog.showModal();
}

function send(url) {
  const form = document.getElementById("visit-step");
  form.action = url;
  form.submit();
}

const letters = {
  a: (visit) => send(`${visit}arrive/`),
  m: (visit) => location.assign(`${visit}move/`),
  n: (visit) => location.assign(`${visit}no-show/`),
};

function together(link) {
  // The other half of a stacked visit gets a dotted edge while one half has the focus.
  const booking = link?.closest("[data-booking]")?.dataset.booking;
  for (const box of board.querySelectorAll("[data-booking]")) {
    box.classList.toggle("pair", box.dataset.booking === booking && !box.contains(link));
  }
}

function showNow() {
  // The present stands in the upper third of the day, as far as there is something to scroll.
  const day = document.getElementById("day-scroll");
  const line = day?.querySelector(".now");
  if (line && getComputedStyle(day).overflowY === "auto") day.scrollTop = line.offsetTop - day.clientHeight / 3;
}

if (board && dialog) {
  board.addEventListener("click", (event) => {
    const link = linkOf(event.target);
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link);
  });
  board.addEventListener("focusin", (event) => together(linkOf(event.target)));
  dialog.addEventListener("close", () => document.getElementById(opened)?.focus());
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (document.body.dataset.singleKeys === "off" || dialog.open) return;
    const link = linkOf(document.activeElement);
    const act = letters[event.key.toLowerCase()];
    if (!link || !act || !board.dataset.mayBook) return;
    event.preventDefault();
    act(link.getAttribute("href"));
  });
  showNow();
  if (location.hash.startsWith("#v-")) document.getElementById(location.hash.slice(1))?.focus();
}
