// After a form came back: the first field with an error has the focus, so that a screen reader says it at once.

function focusFirst(root) {
  const first = (what) => root.querySelector?.(what);
  (first('[aria-invalid="true"]:not([type="hidden"])') ?? first(".form-errors[tabindex]"))?.focus();
}

focusFirst(document);
document.addEventListener("htmx:after:swap", (event) => {
  const status = event.detail?.ctx?.response?.raw?.status ?? event.detail?.ctx?.response?.status;
  if (status === 422 || status === 409) focusFirst(event.target instanceof Element ? event.target : document);
});
