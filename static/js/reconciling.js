// Going through the list: a letter answers the line under the keyboard and goes on, to its words or to the next line
// that has no answer yet, in the end to the button. Enter in a line goes on too; Ctrl Enter records.

const form = document.getElementById("reconcile");
const rows = () => [...form.querySelectorAll("[data-item]")];
const answered = (row) => row.querySelector("input[type=radio]:checked");
const words = (row) => row.querySelector(".recon-words input");
const record = () => document.querySelector("[data-record]");

function onward(row) {
  const all = rows();
  const after = all.slice(all.indexOf(row) + 1);
  const next = after.find((one) => !answered(one)) ?? all.find((one) => !answered(one));
  const to = next ?? record();
  to.focus();
  to.scrollIntoView({ block: "nearest" });
}

// keys.js presses the label: a press that no person's pointer made. All at once, or a quick second letter would answer
// the same line again.
form?.addEventListener("click", (event) => {
  const label = event.target.closest?.("label[data-key]");
  if (event.isTrusted || !label) return;
  event.preventDefault();
  label.querySelector("input").checked = true;
  const row = label.closest("[data-item]");
  if (words(row).checkVisibility()) words(row).focus();
  else onward(row);
});

form?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing) return;
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    if (!event.repeat) form.requestSubmit(record());
  } else if (event.target.matches("[data-item] input")) {
    event.preventDefault();
    onward(event.target.closest("[data-item]"));
  }
});

// Nothing went wrong yet: begin at the first line.
if (form && !form.querySelector(".invalid")) rows()[0]?.focus({ preventScroll: true });
