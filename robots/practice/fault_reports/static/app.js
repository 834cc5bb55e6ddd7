// Which page is shown, and what is done on it.

import { Map } from "./map.js";
import { ask, metres, part, send, spot, table, view } from "./page.js";

const { path, journal } = document.body.dataset;
const main = part("view");
const PAUSE = 250; // as long as nobody types before the address is asked for
let visit = 0; // what comes for a page that has been left is thrown away

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
  if (where.length === 2) {
    const answer = await ask(`/api/anmalningar/${encodeURIComponent(where[1])}/rows?${wanted}`);
    if (mine === visit) report(answer);
  } else if (where[0] === "anmalningar") {
    const answer = await ask(`/api/anmalningar/rows?${wanted}`);
    if (mine === visit) list(answer, wanted, mine);
  } else if (where[0] === "karta") {
    const answer = await ask("/api/karta.json");
    if (mine === visit) map(answer);
  } else {
    const answer = await ask("/api/anmalningar/rows");
    if (mine === visit) show(view(answer ? "start" : "offline", answer ? answer.told : {}));
  }
}

// The map, the place, and a new report

function map(answer) {
  if (!answer) {
    show(view("offline"));
    return;
  }
  const [west, south, east, north] = answer.told.grans;
  const { n: northing, e: easting } = answer.told;
  show(view("karta", {
    soder: metres(northing + south), norr: metres(northing + north),
    vaster: metres(easting + west), oster: metres(easting + east),
  }));
  let latest = 0;
  let chosen = null;
  const picked = async (n, e) => {
    latest += 1;
    const mine = latest;
    chosen = { n, e };
    const about = part("about", main);
    part("spot", main).textContent = spot(n, e);
    about.replaceChildren(view("wait"));
    const told = await ask(`/api/plats/rows?n=${n}&e=${e}`);
    if (mine !== latest || !about.isConnected) return;
    if (!told) about.replaceChildren(view("offline"));
    else if (!told.told.inom) about.replaceChildren(view("outside"));
    else aboutPlace(about, told.told);
  };
  const drawn = new Map(part("map", main), part("canvas", main), part("marker", main), answer.told, picked);
  part("nearer", main).addEventListener("click", () => drawn.zoom(0.5));
  part("farther", main).addEventListener("click", () => drawn.zoom(2));
  addressBox(drawn);

  function aboutPlace(about, told) {
    about.replaceChildren(view("about", { ...told, ja_nej: told.egen ? "Ja" : "Nej" }));
    if (told.nara.length) table(part("near", about), told.nara);
    else part("near", about).append(view("nothing-near"));
    const tools = part("tools", about);
    if (journal !== "ja") {
      tools.append(view("tool-none"));
      return;
    }
    tools.append(view("tool-new"));
    tools.querySelector("button").addEventListener("click", () => newReport(() => chosen));
  }
}

function addressBox(drawn) {
  const field = part("address", main);
  const box = part("suggest", main);
  let latest = 0;
  let timer = 0;
  const close = () => {
    latest += 1;
    box.hidden = true;
    field.setAttribute("aria-expanded", "false");
  };
  field.addEventListener("input", () => {
    close();
    clearTimeout(timer);
    if (!field.value.trim()) return;
    const mine = latest;
    timer = setTimeout(async () => {
      const answer = await ask(`/api/adresser/rows?${query({ q: field.value })}`);
      if (mine !== latest || !answer) return;
      box.replaceChildren(...answer.told.rader.map((row) => {
        const line = document.createElement("div");
        line.setAttribute("role", "option");
        line.textContent = row.adress;
        line.addEventListener("click", () => {
          field.value = row.adress;
          close();
          const found = part("found", main);
          found.textContent = `${row.adress}: ${spot(row.n, row.e)}`;
          found.hidden = false;
          drawn.fly(row.n, row.e);
        });
        return line;
      }));
      if (!answer.told.antal) box.append(view("no-address"));
      box.hidden = false;
      field.setAttribute("aria-expanded", "true");
    }, PAUSE);
  });
}

function newReport(place) {
  const where = part("form", main);
  where.replaceChildren(view("new"));
  const form = where.querySelector("form");
  let picked = { grupp: "", kategori: "" };
  form.querySelector("[role=tree]").addEventListener("click", (event) => {
    const node = event.target.closest("[role=treeitem]");
    if (!node) return;
    if (node.dataset.group) {
      branch(node);
      return;
    }
    picked = { grupp: node.parentElement.dataset.of, kategori: node.textContent.trim() };
    for (const other of form.querySelectorAll("[aria-selected]")) other.removeAttribute("aria-selected");
    node.setAttribute("aria-selected", "true");
    part("picked", form).textContent = `${picked.grupp} › ${picked.kategori}`;
    part("danger", form).replaceChildren(...(node.dataset.danger ? [view("danger")] : []));
  });
  files(form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const told = new FormData(form);
    for (const [name, value] of Object.entries({ ...place(), ...picked })) told.append(name, value);
    send(form, "/api/anmalningar", "done-new", told);
  });
  form.scrollIntoView({ block: "nearest" });
}

// A branch's leaves are put in when it is opened, a moment later.
function branch(node) {
  const isOpen = node.getAttribute("aria-expanded") === "true";
  node.setAttribute("aria-expanded", String(!isOpen));
  node.querySelector("i").textContent = isOpen ? "▸" : "▾";
  if (isOpen) {
    node.querySelector("ul").remove();
    return;
  }
  node.setAttribute("aria-busy", "true");
  setTimeout(() => {
    node.removeAttribute("aria-busy");
    if (node.querySelector("ul") || node.getAttribute("aria-expanded") !== "true") return;
    node.append(view("leaves").querySelector(`ul[data-of="${node.dataset.group}"]`));
  }, 120);
}

function files(form) {
  const zone = part("zone", form);
  const field = zone.querySelector("input");
  const told = () => part("files", form).replaceChildren(...[...field.files].map((file) => (
    Object.assign(document.createElement("li"), { textContent: `${file.name} (${Math.ceil(file.size / 1024)} kB)` })
  )));
  zone.addEventListener("click", () => field.click());
  field.addEventListener("click", (event) => event.stopPropagation());
  field.addEventListener("change", told);
  zone.addEventListener("dragover", (event) => event.preventDefault());
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    field.files = event.dataTransfer.files;
    told();
  });
}

// The list: cards, more of them when the end comes into sight

function list(answer, wanted, mine) {
  if (!answer) {
    show(view("offline"));
    return;
  }
  const { antal } = answer.told;
  show(view("anmalningar", { traffar: antal ? `${antal} ${antal === 1 ? "anmälan" : "anmälningar"}` : "" }));
  const form = main.querySelector("form");
  for (const field of form.elements) {
    if (field.type === "checkbox") field.checked = wanted.get(field.name) === field.value;
    else if (field.name) field.value = wanted.get(field.name) || "";
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    go(`${path}/anmalningar?${query(new FormData(form))}`);
  });
  const place = part("rows", main);
  if (!antal) {
    place.append(view("none"));
    return;
  }
  let shown = 0;
  const add = (rows) => {
    rows.forEach((row) => place.append(view("card", row)));
    shown += rows.length;
  };
  add(answer.told.rader);
  if (shown === antal) return;
  const end = document.createElement("p");
  end.className = "end";
  place.after(end);
  let asking = false;
  new IntersectionObserver(async ([seen], watcher) => {
    if (!seen.isIntersecting || asking) return;
    asking = true;
    const next = await ask(`/api/anmalningar/rows?${wanted}&visade=${shown}`);
    asking = false;
    if (mine !== visit || !next) return;
    add(next.told.rader);
    watcher.disconnect();
    if (shown < antal) watcher.observe(end);
    else end.remove();
  }).observe(end);
}

// One report

function report(answer) {
  if (!answer) {
    show(view("offline"));
    return;
  }
  const { told } = answer;
  if (!told.finns) {
    show(view("unknown"));
    return;
  }
  show(view("anmalan", { ...told, ord: spot(told.n, told.e) }));
  if (told.anteckningar.length) table(part("notes", main), told.anteckningar);
  else part("notes", main).append(view("no-notes"));
  const tools = part("tools", main);
  if (journal !== "ja") {
    tools.append(view("tool-none"));
    return;
  }
  tools.append(view("tool-note"));
  tools.querySelector("button").addEventListener("click", () => {
    part("form", main).replaceChildren(view("note"));
    const form = main.querySelector("form");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = JSON.stringify(Object.fromEntries(new FormData(form)));
      send(form, `/api/anmalningar/${told.nr}/anteckningar`, "done-note", text, "application/json");
    });
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
