// What the server may answer to a save, as one of: saved, conflict, refused, signed-out, gone, offline.

export async function send(form, { poll = false } = {}) {
  const body = new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string"));
  const text = body.toString();
  const headers = { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" };
  if (poll) headers["X-Tandem-Poll"] = "1";
  try {
    const response = await fetch(form.dataset.save, {
      method: "POST", body: text, headers, redirect: "manual", credentials: "same-origin",
      keepalive: text.length < 60000,
    });
    return await understand(response);
  } catch {
    return { kind: "offline" };
  }
}

async function understand(response) {
  if (response.type === "opaqueredirect" || response.status === 401 || response.status === 403) {
    return { kind: "signed-out" };
  }
  if (response.status === 404) return { kind: "gone" };
  if (response.status === 413 || response.status === 400) return { kind: "refused", sentence: "That is more than can be saved at once. Shorten it." };
  if (![200, 409, 422].includes(response.status)) return { kind: "offline" };
  const answer = await response.json();
  return { ...answer, kind: answer.state };
}

// Whether the person is signed in again: a fresh token for the page, or null. Renews no idle clock.
export async function signedIn(address) {
  try {
    const response = await fetch(address, {
      headers: { Accept: "application/json", "X-Tandem-Poll": "1" }, redirect: "manual", credentials: "same-origin",
    });
    if (response.type === "opaqueredirect" || response.status === 401) return null;
    return response.ok ? await response.json() : { mine: false };
  } catch {
    return null;
  }
}

export function renew(token) {
  for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = token;
  document.body.setAttribute("hx-headers:inherited", JSON.stringify({ "X-CSRFToken": token }));
}
