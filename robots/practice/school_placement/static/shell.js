// The shell: which view the address means, who is logged in, and the one time that it fetches itself anew.
"use strict";

const NEW_VERSION_SECONDS = 0.3;
let session = null, ready = null;

App.show = (name, ...told) => {
  const main = App.part("vy"), pattern = document.querySelector(`template[data-vy="${name}"]`);
  const view = document.createElement("div");
  view.append(pattern.content.cloneNode(true));
  App.bind(view);
  main.replaceChildren(view);
  if (App.views[name]) App.views[name](view, ...told);
};

App.route = () => {
  const [asked, id, form] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  const name = asked || document.body.dataset.first;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#/${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (name === "elev" && id && (!form || form === "skolval" || form === "anteckning")) App.show(form || "elev", id);
  else if (["start", "elever", "handelser", "perioder"].includes(name)) App.show(name);
  else App.show("saknas");
};

App.views.start = async view => {
  await ready;
  const list = App.part("lagen", view);
  for (const period of session.perioder) {
    const line = document.createElement("li");
    line.textContent = `${period.arskurser}: ${period.lage.toLowerCase()} (${period.oppnar}–${period.stanger})`;
    list.append(line);
  }
  App.part("antal", view).textContent = session.antal;
  App.reveal(view);
};

App.views.perioder = async view => {
  await ready;
  const body = App.part("rader", view);
  for (const p of session.perioder) App.row([p.arskurser, p.oppnar, p.stanger, p.lage, p.anmarkning], body);
  App.reveal(view);
};

App.views.elever = view => App.list(view, {
  path: (sought, start) => `/elever/rows?sok=${encodeURIComponent(sought)}&fran=${start}`,
  words: ["elev", "elever"], open: id => { location.hash = `#/elev/${id}`; },
});

App.views.handelser = view => {
  const also = view.querySelector("[name=avslutade]");
  const search = App.list(view, {
    path: (sought, start) => `/handelser/rows?sok=${encodeURIComponent(sought)}&fran=${start}${also.checked ? "&avslutade=ja" : ""}`,
    words: ["händelse", "händelser"], open: id => { location.hash = `#/elev/${id}`; },
  });
  also.addEventListener("change", search);
};

ready = App.ask("/session").then(({told}) => {
  session = told;
  if (told.omladdning) {
    setTimeout(() => location.reload(), NEW_VERSION_SECONDS * 1000);
    return;
  }
  App.part("vem").textContent = `Inloggad som ${told.namn}`;
});
window.addEventListener("hashchange", App.route);
App.route();
