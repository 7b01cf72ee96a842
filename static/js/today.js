// A picture that scrolls sideways and names its own day begins with that day in view: what was to its left, what is
// planned to its right. Without this module it begins at its newest end, which of a plan is the far future.

const settled = new WeakSet(); // a picture that is drawn anew while somebody types stays where they scrolled it

function settleAll() {
  for (const box of document.querySelectorAll("[data-today]")) {
    const today = box.querySelector("svg .today");
    if (!today || settled.has(box)) continue;
    settled.add(box);
    const frame = box.getBoundingClientRect();
    box.scrollLeft += today.getBoundingClientRect().left - frame.left - frame.width * (Number(box.dataset.today) || 0.6);
  }
}

settleAll();
document.addEventListener("htmx:after:swap", settleAll);
