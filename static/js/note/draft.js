// What is not saved yet, kept in this browser under AES-GCM. The key comes from the server for this note and this
// person and is never stored; without a key (or without WebCrypto) nothing is kept, least of all in the clear.

const NAME = "tandem-draft-";
const SKIP = new Set(["csrfmiddlewaretoken", "based_on", "do"]);

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text64 = (data) => btoa(Array.from(new Uint8Array(data), (b) => String.fromCharCode(b)).join(""));

export function entries(form) {
  return [...new FormData(form)].filter(([name, value]) => !SKIP.has(name) && typeof value === "string");
}

// The texts by the key of their part, as one string to compare.
export function parts(form) {
  const found = entries(form).filter(([name]) => name.startsWith("part_"));
  return JSON.stringify(Object.fromEntries(found.map(([name, value]) => [name.slice(5), value])));
}

export class Draft {
  constructor(form) {
    this.form = form;
    this.name = NAME + form.dataset.note;
    const can = globalThis.crypto?.subtle && form.dataset.draftKeys;
    this.keys = can ? form.dataset.draftKeys.split(" ").map((key) => this.#key(key)) : [];
    this.turn = 0; // a removal or a later keeping overtakes one that still encrypts
  }

  #key(text) {
    return crypto.subtle.importKey("raw", bytes(text), "AES-GCM", false, ["encrypt", "decrypt"]);
  }

  async keep() {
    if (!this.keys.length) return;
    const turn = ++this.turn;
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const plain = new TextEncoder().encode(JSON.stringify({ at: Date.now(), fields: entries(this.form) }));
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await this.keys[0], plain);
    if (turn !== this.turn) return;
    try {
      localStorage.setItem(this.name, `${text64(iv)}.${text64(sealed)}`);
    } catch { /* the browser's store is full or shut: the text is still in the page */ }
  }

  drop() {
    this.turn += 1;
    localStorage.removeItem(this.name);
  }

  // What is offered to be put back moves aside, so that new typing does not overwrite it.
  aside() {
    const stored = localStorage.getItem(this.name);
    if (stored) localStorage.setItem(`${this.name}-before`, stored);
    this.drop();
  }

  forget() {
    localStorage.removeItem(`${this.name}-before`);
  }

  async read() {
    const stored = localStorage.getItem(this.name) ?? localStorage.getItem(`${this.name}-before`);
    if (!stored) return null;
    const [iv, sealed] = stored.split(".");
    for (const key of this.keys) {
      try {
        const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: bytes(iv) }, await key, bytes(sealed));
        return JSON.parse(new TextDecoder().decode(plain));
      } catch { /* another key, or damaged */ }
    }
    return null;
  }

  differs(kept) {
    return JSON.stringify(kept.fields) !== JSON.stringify(entries(this.form));
  }

  putBack(kept) {
    const values = new Map();
    for (const [name, value] of kept.fields) values.set(name, [...(values.get(name) ?? []), value]);
    for (const field of this.form.elements) {
      if (!field.name || SKIP.has(field.name) || field.type === "submit") continue;
      const found = values.get(field.name) ?? [];
      if (field.type === "checkbox" || field.type === "radio") field.checked = found.includes(field.value);
      else if (values.has(field.name)) field.value = found[0];
      values.set(field.name, found);
    }
    for (const [name, found] of values) {
      if (name.startsWith("part_") && !this.form.elements[name]) this.#carry(name, found[0]);
    }
  }

  // A part that the present format does not show goes along unseen; the page shows it after the next load.
  #carry(name, value) {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name, value });
    this.form.append(field);
  }
}
