// The page's parts: templates filled with what the server has told, tables, and the server itself.

const { path } = document.body.dataset;
const metres = new Intl.NumberFormat("sv-SE");

export const part = (name, within = document) => within.querySelector(`[data-part="${name}"]`);
export const distance = (n) => `${metres.format(n)} m`;

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
  made.className = "grid";
  const head = made.createTHead().insertRow();
  for (const [, caption] of columns) {
    const cell = document.createElement("th");
    cell.textContent = caption.replace("_", " ");
    head.append(cell);
  }
  const body = made.createTBody();
  const add = (row) => {
    const line = body.insertRow();
    columns.forEach(([key], n) => {
      const cell = line.insertCell();
      if (n || !place.dataset.link) cell.textContent = row[key];
      else cell.append(Object.assign(document.createElement("a"), { href: place.dataset.link + row[key], textContent: row[key] }));
    });
  };
  rows.forEach(add);
  place.replaceChildren(made);
  return add;
}

// What the server answers; null where it does not, and the login page where nobody is logged in any more.
export async function ask(address, told) {
  const sent = told && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(told) };
  try {
    const answer = await fetch(path + address, { cache: "no-store", ...sent });
    if (answer.status === 401) {
      const here = encodeURIComponent(window.location.pathname + window.location.search);
      window.location.assign(`${path}/logga-in?vidare=${here}`);
      return new Promise(() => {});
    }
    if (answer.status >= 500) return null;
    return { ok: answer.ok, status: answer.status, told: await answer.json() };
  } catch {
    return null;
  }
}

export function say(form, words) {
  for (const old of form.querySelectorAll("[role]")) old.remove();
  if (typeof words !== "string") {
    form.prepend(words);
    return;
  }
  const box = document.createElement("p");
  box.className = "wrong";
  box.setAttribute("role", "alert");
  box.textContent = words;
  form.prepend(box);
}
