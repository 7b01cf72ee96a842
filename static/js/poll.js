// data-poll="20" data-poll-url="…": asks for the fragment every so many seconds and puts it in place. Asking this way
// renews no session and writes no audit row. It stops, and says so, when the session has ended. A fragment whose
// outermost element has the same id replaces the element; else it becomes its content.

const FEWEST = 5; // seconds

function say(node, sentence) {
  let line = document.querySelector(`[data-poll-said="${node.id}"]`);
  if (!line) {
    line = Object.assign(document.createElement("p"), { className: "notice poll-said" });
    line.setAttribute("role", "status");
    line.dataset.pollSaid = node.id;
    node.before(line);
  }
  line.textContent = sentence;
}

const quiet = (node) => document.querySelector(`[data-poll-said="${node.id}"]`)?.remove();

function atWork(node) {
  const focused = node.contains(document.activeElement) ? document.activeElement : null;
  return node.querySelector("dialog[open], :popover-open") || focused?.matches("input, textarea, select");
}

// Where somebody has scrolled to inside of it, by id.
function scrolled(node) {
  return [...node.querySelectorAll("[id]")]
    .filter((part) => part.scrollTop || part.scrollLeft)
    .map((part) => ({ id: part.id, top: part.scrollTop, left: part.scrollLeft }));
}

function place(node, html) {
  const places = scrolled(node);
  const held = document.createElement("template");
  held.innerHTML = html;
  const focused = node.contains(document.activeElement) ? document.activeElement.id : "";
  const only = held.content.children.length === 1 ? held.content.firstElementChild : null;
  let now = node;
  if (node.id && only?.id === node.id) {
    node.replaceWith(only);
    now = only;
  } else {
    node.replaceChildren(...held.content.childNodes);
  }
  window.htmx?.process(now);
  for (const { id, top, left } of places) document.getElementById(id)?.scrollTo({ top, left, behavior: "instant" });
  now.dispatchEvent(new CustomEvent("tandem:swapped", { bubbles: true }));
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  return now;
}

async function ask(node) {
  const answer = await fetch(node.dataset.pollUrl, {
    headers: { "X-Tandem-Poll": "1", "HX-Request": "true" },
    redirect: "manual",
  });
  if (answer.status === 401 || answer.type === "opaqueredirect") return "ended";
  if (!answer.ok) throw new Error(String(answer.status));
  const html = await answer.text();
  return atWork(node) ? node : place(node, html);
}

function start(first) {
  let node = first;
  const every = Math.max(Number(node.dataset.poll) || 20, FEWEST) * 1000;
  const round = async () => {
    if (!node.isConnected || !node.dataset.pollUrl) return; // what came last asks for no more
    if (!document.hidden) {
      try {
        const now = await ask(node);
        if (now === "ended") {
          say(node, "You were signed out, so this no longer renews itself. Load the page again to sign in.");
          return;
        }
        node = now;
        node.dataset.polling = "1";
        quiet(node);
      } catch {
        say(node, "No connection: what you see may be old. Trying again.");
      }
    }
    setTimeout(round, every);
  };
  node.dataset.polling = "1";
  setTimeout(round, every);
}

const startAll = () => document.querySelectorAll("[data-poll][data-poll-url]:not([data-polling])").forEach(start);
startAll();
document.addEventListener("htmx:after:swap", startAll);
