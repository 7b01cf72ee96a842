// <dialog id="x"> opens by data-dialog="x" on a button or link, closes by data-close, Esc, or a click beside it.
// data-open on the dialog opens it with the page (a form in it came back with an error).

function open(id, opener) {
  const dialog = document.getElementById(id);
  if (!dialog || dialog.open) return;
  opener?.blur?.();
  dialog.showModal();
  dialog.dispatchEvent(new CustomEvent("tandem:opened", { bubbles: true }));
  dialog.addEventListener("close", () => opener?.focus?.(), { once: true });
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) {
    event.preventDefault();
    open(opener.dataset.dialog, opener);
    return;
  }
  const closer = event.target.closest("[data-close]");
  if (closer) {
    event.preventDefault();
    closer.closest("dialog")?.close();
    return;
  }
  // A click on the dialog itself, outside its box, is a click on the ground behind it.
  if (event.target instanceof HTMLDialogElement && event.target.open && !inside(event, event.target)) {
    event.target.close();
  }
});

function inside(event, dialog) {
  const box = dialog.getBoundingClientRect();
  return (
    event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom
  );
}

function openNamed(root) {
  const dialog = root.querySelector?.("dialog[data-open]:not([open])");
  if (dialog) open(dialog.id, null);
}

openNamed(document);
document.addEventListener("htmx:after:swap", (event) => openNamed(event.target));

export { open };
