// A form is sent once: its button says so and takes no second press until the page answers or is shown again.
// data-many on the form: it may be sent again (a download).

const LONG = 15_000; // no answer for so long: let the person try again

function busy(form, button) {
  form.dataset.sent = "1";
  // This page may be an answer to an earlier press; Back would ask whether to send that again. Back asks for the page.
  history.replaceState(history.state, "", location.href);
  if (button) {
    button.classList.add("busy");
    button.setAttribute("aria-busy", "true");
  }
  // The name and value of the pressed button are taken before this runs.
  setTimeout(() => button && (button.disabled = true), 0);
  setTimeout(() => free(form), LONG);
}

function free(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll(".busy")) release(button);
  if (form.id) document.querySelectorAll(`.busy[form="${CSS.escape(form.id)}"]`).forEach(release);
}

function release(button) {
  button.disabled = false;
  button.classList.remove("busy");
  button.removeAttribute("aria-busy");
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}, true);

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.hasAttribute("data-many")) return;
  if ((event.submitter?.formMethod || form.method) !== "post") return;
  busy(form, event.submitter);
});

// Back in the page from the browser's memory.
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(free));
