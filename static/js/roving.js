// One tab stop a grid: [data-roving] holds [data-item]s; arrows or J K move, Home End jump, Enter opens, Esc leaves.
// With [data-column] inside, left and right go to the nearest item of the next column.
// Enter on an item that is no link or button follows its first link, or its [data-enter].

const grids = () => document.querySelectorAll("[data-roving]");
const itemsOf = (grid) => [...grid.querySelectorAll("[data-item]")].filter((item) => item.checkVisibility?.() ?? true);

function settle(grid) {
  const items = itemsOf(grid);
  const chosen = items.find((item) => item.tabIndex === 0 && item.hasAttribute("data-here")) ?? items[0];
  for (const item of items) item.tabIndex = item === chosen ? 0 : -1;
}

function go(grid, item) {
  if (!item) return;
  for (const other of grid.querySelectorAll("[data-here]")) {
    other.removeAttribute("data-here");
    other.tabIndex = -1;
  }
  item.setAttribute("data-here", "");
  item.tabIndex = 0;
  item.focus();
  item.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function beside(grid, item, step) {
  const columns = [...grid.querySelectorAll("[data-column]")];
  if (!columns.length) return null;
  const middle = (node) => (node.getBoundingClientRect().top + node.getBoundingClientRect().bottom) / 2;
  const here = middle(item);
  for (let at = columns.indexOf(item.closest("[data-column]")) + step; columns[at]; at += step) {
    const found = itemsOf(columns[at]).sort((a, b) => Math.abs(middle(a) - here) - Math.abs(middle(b) - here))[0];
    if (found) return found;
  }
  return null;
}

function target(grid, item, key) {
  const column = item.closest("[data-column]");
  const items = itemsOf(column && grid.contains(column) ? column : grid);
  const at = items.indexOf(item);
  switch (key) {
    case "ArrowDown": case "j": case "J": return items[at + 1];
    case "ArrowUp": case "k": case "K": return items[at - 1];
    case "ArrowRight": return beside(grid, item, 1);
    case "ArrowLeft": return beside(grid, item, -1);
    case "Home": return items[0];
    case "End": return items.at(-1);
    default: return undefined;
  }
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const item = event.target.closest?.("[data-roving] [data-item]");
  if (!item || event.target !== item) return;
  const grid = item.closest("[data-roving]");
  if (/^[jk]$/i.test(event.key) && document.body.dataset.singleKeys === "off") return;
  if (event.key === "Escape") {
    item.blur();
    document.getElementById("main")?.focus({ preventScroll: true });
  } else if (event.key === "Enter" && !item.matches("a, button")) {
    (item.querySelector("[data-enter]") ?? item.querySelector("a[href], button"))?.click();
  } else {
    const to = target(grid, item, event.key);
    if (to === undefined) return;
    go(grid, to);
  }
  event.preventDefault();
});

// A field that finds a list (data-list: its id): arrow down enters the list, arrow up from its first item comes back.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const field = event.target.closest?.("[data-list]");
  const grid = field && document.getElementById(field.dataset.list)?.querySelector("[data-roving]");
  if (grid && event.key === "ArrowDown") {
    go(grid, itemsOf(grid)[0]);
    event.preventDefault();
  }
  const home = event.target.closest?.("[data-roving]")?.parentElement.id;
  const from = home && document.querySelector(`[data-list="${home}"]`);
  if (from && event.key === "ArrowUp") {
    from.focus();
    event.preventDefault();
  }
});

document.addEventListener("focusin", (event) => {
  const item = event.target.closest?.("[data-roving] [data-item]");
  if (!item || item.tabIndex === 0) return;
  for (const other of itemsOf(item.closest("[data-roving]"))) other.tabIndex = other === item ? 0 : -1;
});

// J or K from anywhere enters the page's first grid.
document.addEventListener("tandem:enter-grid", () => {
  const grid = grids()[0];
  if (grid) go(grid, itemsOf(grid).find((item) => item.tabIndex === 0) ?? itemsOf(grid)[0]);
});

const settleAll = () => grids().forEach(settle);
settleAll();
document.addEventListener("htmx:after:swap", settleAll);
document.addEventListener("tandem:swapped", settleAll);
