// The note saves itself: two seconds after typing stops, on leaving a field, on leaving the page. Nothing typed is
// lost: it stays in the page, and encrypted in this browser (note/draft.js), until the server has it.
import { renew, send, signedIn } from "./note/answers.js";
import { hints, keys, minutes } from "./note/beside.js";
import { Draft, entries } from "./note/draft.js";
import { Messages } from "./note/messages.js";

const PAUSE = 2000;
const KEEP = 400;
const ASK = 4000;
const LONGEST = 60000;

class Saver extends Messages {
  constructor(form) {
    super(form, new Draft(form));
    this.held = JSON.stringify(entries(form)); // what the server has
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
    form.addEventListener("input", () => this.changed());
    document.addEventListener("change", (event) => event.target.form === form && this.changed());
    document.addEventListener("input", (event) => event.target.form === form && this.changed());
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
    clearTimeout(this.pause);
    clearTimeout(this.keeping);
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
    this.running = send(this.form);
    const answer = await this.running;
    this.running = null;
    return this.take(answer, sent);
  }

  take(answer, sent) {
    this.show(answer.kind);
    if (answer.kind !== "saved") this.draft.keep();
    switch (answer.kind) {
      case "saved":
        this.held = sent;
        this.wait = PAUSE;
        this.form.elements.based_on.value = answer.revision;
        this.say(answer.words);
        this.showHints(answer.hints);
        this.fieldErrors(answer.errors);
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
    const { submitter } = event;
    if (submitter?.matches("[data-keep]")) this.settle();
    else if (await this.save()) {
      this.passing = true;
      this.form.requestSubmit(submitter);
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
