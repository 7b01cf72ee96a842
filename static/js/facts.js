// The checklist of medical facts: on a question Y, N and U answer it and lead to the next; Ctrl Enter keeps the answers.
// Without this script the questions are ordinary radio buttons.

const ANSWERS = { y: "yes", n: "no", u: "unsure" };
const form = document.querySelector("[data-facts]");

function next(question) {
  const all = [...form.querySelectorAll("[data-question]")];
  const after = all[all.indexOf(question) + 1];
  if (!after) return;
  (after.querySelector("input:checked") || after.querySelector("input[type=radio]")).focus();
}

form?.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.ctrlKey) {
    event.preventDefault();
    form.requestSubmit();
    return;
  }
  if (!event.target.matches("input[type=radio]") || event.ctrlKey || event.altKey || event.metaKey) return;
  const answer = ANSWERS[event.key.toLowerCase()];
  if (!answer) return;
  const question = event.target.closest("[data-question]");
  const chosen = question.querySelector(`input[value="${answer}"]`);
  event.preventDefault();
  event.stopPropagation();
  chosen.checked = true;
  chosen.dispatchEvent(new Event("change", { bubbles: true }));
  next(question);
});
