// A picture that scrolls sideways and names its own day begins with that day in view: what was to its left, what is
// planned to its right. Without this module it begins at its newest end, which of a plan is the far future.

for (const box of document.querySelectorAll("[data-today]")) {
  const today = box.querySelector("svg .today");
  if (!today) continue;
  const frame = box.getBoundingClientRect();
  box.scrollLeft += today.getBoundingClientRect().left - frame.left - frame.width * 0.6;
}
