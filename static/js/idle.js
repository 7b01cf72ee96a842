// Says one minute before the end that the session ends (R-HS-03). Asking how long is left does not renew it.

const WARN = 60; // seconds before the end
const body = document.body;
const url = body.dataset.idleUrl;
const box = document.querySelector("[data-idle]");
const words = box?.querySelector("[data-idle-words]");
let timer;

function later(seconds) {
  clearTimeout(timer);
  timer = setTimeout(ask, Math.max(seconds, 1) * 1000);
}

function hide() {
  box.hidden = true;
}

function gone() {
  box.hidden = false;
  box.querySelector("[data-idle-stay]").hidden = true;
  words.textContent = "You were signed out after a while without work. What you typed is kept here: sign in again in another window, then save.";
}

// Signing in anew, in another window, changes the token; a page from before can be sent with the new one.
function renew(token) {
  for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = token;
  body.setAttribute("hx-headers:inherited", JSON.stringify({ "X-CSRFToken": token }));
}

function other() {
  box.hidden = false;
  box.querySelector("[data-idle-stay]").hidden = true;
  words.textContent = "Somebody else signed in in another window. Copy what you typed, then load this page again.";
}

function show(left) {
  box.hidden = false;
  words.textContent = `You will be signed out in ${left < 90 ? "a minute" : `${Math.round(left / 60)} minutes`}. What you typed stays.`;
}

async function ask() {
  let answer;
  try {
    answer = await fetch(url, { headers: { "X-Tandem-Poll": "1" }, redirect: "manual" });
  } catch {
    later(30); // no connection: ask again
    return;
  }
  if (answer.status !== 200) {
    gone();
    return;
  }
  const { left, me, token } = await answer.json();
  renew(token);
  if (me !== body.dataset.me) {
    other();
    return;
  }
  if (left > WARN) {
    hide();
    later(left - WARN);
  } else {
    show(left);
    later(Math.max(left + 1, 5));
  }
}

async function stay() {
  const token = document.querySelector("#me-menu [name=csrfmiddlewaretoken]")?.value ?? "";
  const answer = await fetch(url, { method: "POST", headers: { "X-CSRFToken": token }, redirect: "manual" }).catch(() => null);
  if (answer?.status === 200) {
    hide();
    later((await answer.json()).left - WARN);
  } else {
    gone();
  }
}

if (url && box) {
  box.querySelector("[data-idle-stay]").addEventListener("click", stay);
  ask();
  document.addEventListener("visibilitychange", () => document.hidden || ask());
  window.addEventListener("focus", ask);
}
