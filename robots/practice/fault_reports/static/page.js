// The page's parts: templates filled with what the server has told, tables, and the server itself.

const { path } = document.body.dataset;
const number = new Intl.NumberFormat("sv-SE");

export const part = (name, within = document) => within.querySelector(`[data-part="${name}"]`);
export const metres = (n) => number.format(n);
export const spot = (n, e) => `N ${metres(n)}  E ${metres(e)}`;

export function view(name, told = {}) {
  const copy = document.querySelector(`template[data-view="${name}"]`).content.cloneNode(true);
  for (const place of copy.querySelectorAll("[data-text]")) {
    place.textContent = told[place.dataset.text];
    if (place.dataset.to) place.href = place.dataset.to + told[place.dataset.text];
  }
  for (const place of copy.querySelectorAll("[data-if]")) if (!told[place.dataset.if]) place.remove();
  return copy;
}

// A table with the columns that its place names ("key:Caption key:Caption").
export function table(place, rows) {
  const columns = place.dataset.columns.split(" ").map((c) => c.split(":"));
  const made = document.createElement("table");
  const head = made.createTHead().insertRow();
  for (const [, caption] of columns) head.append(Object.assign(document.createElement("th"), { textContent: caption }));
  const body = made.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    for (const [key] of columns) line.insertCell().textContent = row[key];
  }
  place.replaceChildren(made);
}

// What the server answers; null where it does not, and the login page where nobody is logged in any more.
export async function ask(address, body, type) {
  const sent = body && { method: "POST", body, headers: type ? { "Content-Type": type } : {} };
  try {
    const answer = await fetch(path + address, { cache: "no-store", ...sent });
    if (answer.status === 401) {
      const here = encodeURIComponent(window.location.pathname + window.location.search);
      window.location.assign(`${path}/logga-in?retur=${here}`);
      return new Promise(() => {});
    }
    if (answer.status >= 500) return null;
    return { ok: answer.ok, told: await answer.json() };
  } catch {
    return null;
  }
}

// Sends a form, and puts what came of it in its place, or over it.
export async function send(form, address, done, body, type) {
  const button = form.querySelector("button.primary");
  button.disabled = true;
  const answer = await ask(address, body, type);
  if (answer && answer.ok) {
    form.replaceWith(view(done, answer.told));
    return;
  }
  button.disabled = false;
  for (const old of form.querySelectorAll("[role=alert],[role=status]")) old.remove();
  const tools = form.querySelector("p.tools");
  if (!answer) {
    tools.before(view("silent"));
    return;
  }
  const box = document.createElement("p");
  box.className = "wrong";
  box.setAttribute("role", "alert");
  box.textContent = answer.told.fel.join(" ");
  tools.before(box); // beside the button, where whoever has pressed it looks
  box.scrollIntoView({ block: "nearest" });
}
