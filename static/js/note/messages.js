// What the page says about saving, and the choices it offers: two texts, a draft that was kept, a refusal.

const BOXES = { conflict: "note-conflict", "signed-out": "note-signed-out", offline: "note-offline", refused: "note-refused", gone: "note-refused" };

export class Messages {
  constructor(form, draft) {
    this.form = form;
    this.draft = draft;
  }

  say(words) {
    for (const place of document.querySelectorAll("[data-saved]")) place.textContent = words;
  }

  show(kind) {
    for (const [name, id] of Object.entries(BOXES)) {
      const box = document.getElementById(id);
      if (name === "conflict") {
        if (kind === "saved") box.replaceChildren();
      } else if (BOXES[kind] !== id) box.hidden = true;
    }
    if (BOXES[kind]) document.getElementById(BOXES[kind]).hidden = false;
  }

  refuse(sentence) {
    const box = document.getElementById("note-refused");
    box.querySelector("p").textContent = sentence;
    box.hidden = false;
    this.say("Not saved");
  }

  conflict(answer) {
    const box = document.getElementById("note-conflict");
    box.innerHTML = answer.html;
    box.focus();
    box.scrollIntoView({ block: "start" });
    this.say("Not saved: two versions");
  }

  settled(answer) {
    this.form.elements.based_on.value = answer.revision;
    this.say(answer.words);
    this.showHints(answer.hints);
    this.fieldErrors(answer.errors);
  }

  // “Keep what is on this page”: it goes on top of the revision that was shown beside it.
  settle() {
    const box = document.querySelector("#note-conflict [data-revision]");
    this.form.elements.based_on.value = box.dataset.revision;
    this.blocked = false;
    this.held = "";
    document.getElementById("note-conflict").replaceChildren();
    this.save();
  }

  // “Take the saved text”: what was on this page is kept on the server, set aside.
  takeTheirs(event) {
    event.preventDefault();
    this.passing = true;
    this.draft.drop();
    location.assign(location.pathname);
  }

  fieldErrors(errors) {
    for (const place of document.querySelectorAll("[data-error]")) {
      const sentence = errors[place.dataset.error] ?? "";
      place.textContent = sentence;
      place.hidden = !sentence;
    }
  }

  async offer() {
    this.kept = await this.draft.read();
    if (!this.kept) return;
    if (!this.draft.differs(this.kept)) {
      this.draft.drop();
      this.draft.forget();
      return;
    }
    this.draft.aside();
    const box = document.getElementById("note-unsaved");
    box.querySelector("[data-when]").textContent = new Date(this.kept.at).toLocaleString("en-US", {
      month: "short", day: "numeric", hour: "numeric", minute: "2-digit",
    });
    box.hidden = false;
  }

  putBack() {
    this.draft.putBack(this.kept);
    this.draft.forget();
    document.getElementById("note-unsaved").hidden = true;
    this.changed();
  }

  discard() {
    this.draft.forget();
    document.getElementById("note-unsaved").hidden = true;
  }
}
