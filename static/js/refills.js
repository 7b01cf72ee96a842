// The refill desk: a letter chooses what happens, Ctrl Enter signs it. With the keyboard on the row of another request
// both open that one first: nothing is ever decided for anybody but the person whose name stands over the form.

const form = document.getElementById("decide");
// Whoever goes down a long desk sees the row that is open; on a phone it stands above the list.
if (matchMedia("(min-width: 861px)").matches) {
  document.querySelector(".rtable tr[aria-current]")?.scrollIntoView({ block: "nearest", behavior: "instant" });
}

const dialog = () => document.querySelector("dialog[open]");

function otherRow() {
  const row = document.activeElement?.closest?.("[data-item]");
  return row && !row.hasAttribute("aria-current") ? row : null;
}

document.addEventListener(
  "keydown",
  (event) => {
    const signs = (event.ctrlKey || event.metaKey) && event.key === "Enter";
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey && document.body.dataset.singleKeys !== "off";
    const chooses = plain && /^[abvdo]$/i.test(event.key);
    if (dialog() || !(signs || chooses)) return;
    const row = otherRow();
    if (row) {
      event.preventDefault();
      event.stopImmediatePropagation();
      row.querySelector("a[href]").click();
    } else if (signs && form && !event.repeat) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("[data-sign]"));
    }
  },
  true,
);

// A letter pressed: on to the first words that the choice needs. A click on a label comes twice, the second time from
// its field; whoever is writing already stays where they are, or the rest of their words would stand in the next field.
form?.addEventListener("click", (event) => {
  if (event.isTrusted || !event.target.closest("label[data-key]")) return;
  const needed = [...form.querySelectorAll("[data-needed] input")];
  setTimeout(() => {
    if (needed.includes(document.activeElement)) return;
    needed.find((field) => field.checkVisibility() && !field.value)?.focus();
  });
});
