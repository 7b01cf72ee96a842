// The note saves itself: two seconds after typing stops, on leaving a field or the page. Nothing typed is lost: it
// stays in the page, and encrypted in this browser (note/draft.js), until the server has it.
import { renew, send, signedIn } from "./note/answers.js";
import { hints, keys, minutes } from "./note/beside.js";
import { Draft, entries, parts } from "./note/draft.js";
import { Messages } from "./note/messages.js";

const [KEEP, PAUSE, ASK, LONGEST] = [400, 2000, 4000, 60000]; // milliseconds

class Saver extends Messages {
  constructor(form) {
    super(form, new Draft(form));
    this.held = JSON.stringify(entries(form)); // what the server has
    this.tried = new Set(); // texts sent without an answer
    this.wait = PAUSE;
    this.showHints = hints(form, () => this.changed());
    minutes(form);
    keys(form);
    this.listen();
    this.offer();
  }

  get dirty() {
    return JSON.stringify(entries(this.form)) !== this.held;
  }

  listen() {
    const { form } = this;
    for (const name of ["input", "change"]) {
      document.addEventListener(name, (event) => event.target.form === form && this.changed());
    }
    document.addEventListener("focusout", (event) => event.target.form === form && this.dirty && this.save());
    addEventListener("pagehide", () => !this.passing && this.dirty && this.save());
    addEventListener("pageshow", (event) => event.persisted && location.reload());
    addEventListener("focus", () => this.waiting && this.ask());
    addEventListener("online", () => this.dirty && this.save());
    addEventListener("beforeunload", (event) => {
      if (!this.passing && (this.dirty || form.elements.homework_words?.value)) event.preventDefault();
    });
    form.addEventListener("submit", (event) => this.submit(event));
    document.addEventListener("click", (event) => this.click(event));
  }

  changed() {
    [this.pause, this.keeping].forEach(clearTimeout);
    if (!this.dirty) return;
    this.say("Not saved yet");
    this.keeping = setTimeout(() => this.dirty && this.draft.keep(), KEEP);
    this.pause = setTimeout(() => this.save(), PAUSE);
  }

  // One request at a time; a call while one runs waits for it and sends what changed since.
  async save() {
    clearTimeout(this.pause);
    if (this.running) {
      await this.running;
      return this.dirty ? this.save() : true;
    }
    if (this.blocked) return false;
    if (!this.dirty) return true;
    const sent = JSON.stringify(entries(this.form));
    this.say("Saving…");
    this.trying = parts(this.form);
    this.running = send(this.form);
    const answer = await this.running;
    this.running = null;
    return this.take(answer, sent);
  }

  take(answer, sent) {
    this.show(answer.kind);
    if (answer.kind !== "saved") this.draft.keep();
    if (answer.kind === "conflict" && this.tried.has(JSON.stringify(answer.parts))) {
      this.form.elements.based_on.value = answer.revision; // our own save arrived, only its answer was lost
      return this.save();
    }
    switch (answer.kind) {
      case "saved":
        this.held = sent;
        this.wait = PAUSE;
        this.tried.clear();
        this.settled(answer);
        if (this.dirty) this.changed();
        else this.draft.drop();
        return true;
      case "conflict":
        this.blocked = true;
        this.conflict(answer);
        return false;
      case "signed-out":
        this.waiting = setTimeout(() => this.ask(), ASK);
        this.say("Not saved: signed out");
        return false;
      case "refused":
      case "gone":
        this.refuse(answer.sentence ?? "This note cannot be saved from here any more. Copy what you typed.");
        return false;
      default:
        this.tried.add(this.trying);
        this.wait = Math.min(this.wait * 2, LONGEST);
        this.pause = setTimeout(() => this.save(), this.wait);
        this.say("Not saved: no network");
        return false;
    }
  }

  async ask() {
    clearTimeout(this.waiting);
    this.waiting = null;
    const state = await signedIn(this.form.dataset.state);
    if (state?.mine) {
      renew(state.csrf);
      await this.save();
    } else if (state) this.refuse("Somebody else is signed in. Sign in as the author of this note; what you typed is kept.");
    if (!state?.mine) this.waiting = setTimeout(() => this.ask(), ASK);
  }

  async submit(event) {
    if (this.passing) return;
    event.preventDefault();
    if (this.submitting) return; // a second click on Sign
    this.submitting = true;
    const submitter = event.submitter;
    if (submitter?.matches("[data-keep]")) this.settle();
    else if (await this.save()) {
      this.passing = true;
      setTimeout(() => this.form.requestSubmit(submitter)); // not while the first submit is still being told about
      return;
    }
    this.submitting = false;
  }

  async click(event) {
    if (event.target.closest("[data-retry]")) this.save();
    if (event.target.closest("[data-put-back]")) this.putBack();
    if (event.target.closest("[data-discard]")) this.discard();
    const link = event.target.closest("a[href]");
    if (!link || link.target || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.matches("[data-take]")) this.takeTheirs(event);
    else if (this.dirty && !link.hash) {
      event.preventDefault();
      if (await this.save()) location.assign(link.href);
    }
  }
}

const form = document.getElementById("note-form");
if (form) new Saver(form);
