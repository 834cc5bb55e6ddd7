// Which page is shown, and what is done on it.

import { drawWay } from "./map.js";
import { ask, distance, part, say, table, view } from "./page.js";

const { path, journal } = document.body.dataset;
const main = part("view");
let visit = 0; // what comes for a page, or a pupil, that has been left is thrown away

const query = (values) => new URLSearchParams(values).toString();

function show(...pieces) {
  main.replaceChildren(...pieces);
  for (const link of document.querySelectorAll("nav a")) {
    link.classList.toggle("here", link.pathname === window.location.pathname);
  }
}

function go(address) {
  window.history.pushState(null, "", address);
  open();
}

async function open() {
  visit += 1;
  const mine = visit;
  const where = window.location.pathname.slice(path.length).split("/").filter(Boolean);
  const wanted = new URLSearchParams(window.location.search);
  show(view("wait"));
  if (where[0] === "elever") {
    pupils();
    return;
  }
  if (where.length === 2) {
    const answer = await ask(`/api/ansokningar/${encodeURIComponent(where[1])}/rows`);
    if (mine === visit) application(answer);
    return;
  }
  if (where.length === 1) {
    await list(where[0], wanted, mine);
    return;
  }
  const answer = await ask("/api/start/rows");
  if (mine === visit) show(view(answer ? "start" : "offline", answer ? answer.told : {}));
}

// Lists

async function list(name, wanted, mine) {
  const asked = `/api/${name}/rows?${wanted}`;
  const answer = await ask(asked);
  if (mine !== visit) return;
  if (!answer) {
    show(view("offline"));
    return;
  }
  show(view(name));
  const form = main.querySelector("form");
  for (const field of form.elements) {
    if (field.type === "checkbox") field.checked = wanted.get(field.name) === field.value;
    else if (field.name) field.value = wanted.get(field.name) || "";
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    go(`${path}/${name}?${query(new FormData(form))}`);
  });
  const place = part("rows", main);
  const rows = answer.told.rader;
  if (!rows.length) {
    place.append(view(`none-${name}`));
    return;
  }
  const count = document.createElement("p");
  count.className = "count";
  count.textContent = `${answer.told.antal} ${answer.told.antal === 1 ? "träff" : "träffar"}`;
  place.before(count);
  const add = table(place, rows);
  let shown = rows.length;
  if (shown === answer.told.antal) return;
  place.after(view("more"));
  const more = place.nextElementSibling;
  more.addEventListener("click", async () => {
    more.disabled = true;
    const next = await ask(`${asked}&visade=${shown}`);
    if (mine !== visit || !next) return;
    next.told.rader.forEach(add);
    shown += next.told.rader.length;
    more.disabled = false;
    if (shown === next.told.antal) more.remove();
  });
}

// A pupil and the way to school

function pupils() {
  show(view("elever"));
  const form = main.querySelector("form");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    visit += 1;
    const mine = visit;
    const asked = query(new FormData(form));
    const result = part("result", main);
    result.replaceChildren(view("wait"));
    const answer = await ask(`/api/elever/rows?${asked}`);
    if (mine !== visit) return;
    result.replaceChildren();
    if (!answer || !answer.ok) say(form, answer ? answer.told.fel.join(" ") : view("silent"));
    else if (!answer.told.finns) result.append(view("nobody"));
    else if (answer.told.skyddad) result.append(view("protected"));
    else pupil(result, answer.told, asked, mine);
  });
}

function pupil(result, told, asked, mine) {
  const standing = told.ansokningar.join(", ");
  result.replaceChildren(view("pupil", {
    ...told, grans_m: distance(told.grans), finns_redan: standing || "Ingen ansökan finns",
  }));
  const tools = part("tools", result);
  if (journal === "ja") {
    tools.append(view("tool-apply"));
    tools.querySelector("button").addEventListener("click", () => applyForm(result, told));
  } else tools.append(view("tool-none"));
  measure(result, told, asked, mine);
}

async function measure(result, told, asked, mine) {
  const canvas = result.querySelector("canvas");
  const words = (name) => part("measured", result).replaceChildren(...view(name).firstChild.childNodes);
  for (const step of ["1", "2"]) {
    const answer = await ask(`/api/vag/rows?${asked}&steg=${step}`);
    if (mine !== visit) return;
    if (!answer || !answer.ok) {
      words("unmeasured");
      return;
    }
    if (!answer.told.matbar) {
      part("distance", result).textContent = "–";
      words("island");
      return;
    }
    part("distance", result).textContent = distance(answer.told.meter);
    words(step === "1" ? "straight" : "walking");
    drawWay(canvas, answer.told, told.skola, step === "1");
    if (step === "2") told.avstand = answer.told.meter;
  }
  ready(result, told);
}

function ready(result, told) {
  const button = result.querySelector('[data-wait="way"]');
  if (!button || told.avstand === undefined) return;
  button.disabled = false;
  part("until", result).textContent = "";
}

function applyForm(result, told) {
  const place = part("form", result);
  place.replaceChildren(view("apply"));
  ready(result, told);
  send(place.querySelector("form"), "/api/ansokningar", "done-ansokan", () => ({
    elev: told.personnummer, lasar: told.lasar, avstand: told.avstand,
  }));
  place.querySelector("input").focus();
}

// One application

function application(answer) {
  if (!answer) {
    show(view("offline"));
    return;
  }
  const { told } = answer;
  if (!told.finns) {
    show(view("unknown"));
    return;
  }
  show(view("ansokan", { ...told, avstand_m: distance(told.avstand), grans_m: distance(told.grans) }));
  if (told.forslag.length) table(part("proposals", main), told.forslag);
  else part("proposals", main).append(view("none-forslag"));
  const tools = part("tools", main);
  if (journal !== "ja") {
    tools.append(view("tool-none"));
    return;
  }
  tools.append(view("tool-propose"));
  tools.querySelector("button").addEventListener("click", () => {
    const place = part("form", main);
    place.replaceChildren(view("propose"));
    send(place.querySelector("form"), "/api/forslag", "done-forslag", () => ({ ansokan: told.nr }));
  });
  tools.querySelector("[data-decide]").addEventListener("click", async () => {
    const no = await ask("/api/beslut", { ansokan: told.nr });
    say(tools, no ? no.told.fel.join(" ") : view("silent"));
  });
}

// Forms

function send(form, address, done, more) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button.primary");
    button.disabled = true;
    const answer = await ask(address, { ...Object.fromEntries(new FormData(form)), ...more() });
    if (answer && answer.ok) {
      form.replaceWith(view(done, answer.told));
      return;
    }
    button.disabled = false;
    say(form, answer ? answer.told.fel.join(" ") : view("silent"));
  });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey || link.pathname.endsWith("/logga-ut")) return;
  event.preventDefault();
  go(link.href);
});
window.addEventListener("popstate", open);
open();
