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
  const { left } = await answer.json();
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
}
