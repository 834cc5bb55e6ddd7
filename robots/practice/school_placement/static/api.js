// What every part of the page uses: parts of a view, the JSON behind the page, and messages that go away.
"use strict";

const App = {root: document.body.dataset.root, cards: new Map(), pending: new Map(), drafts: new Map()};
const MESSAGE_SECONDS = 4;
App.lost = "Systemet svarar inte. Kontrollera anslutningen och försök igen.";

App.part = (name, within = document) => within.querySelector(`[data-del="${name}"]`);

App.cookie = name => {
  const found = document.cookie.split("; ").find(pair => pair.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
};

// The answer as {status, told}; a lost login leads to the login page, and the promise then never ends.
App.ask = async (path, body) => {
  const how = body === undefined ? {} : {
    method: "POST", body: JSON.stringify(body),
    headers: {"Content-Type": "application/json", "X-XSRF-TOKEN": App.cookie("XSRF-TOKEN")},
  };
  const answer = await fetch(`${App.root}/api${path}`, how);
  if (answer.status === 401) {
    location.href = `${App.root}/logga-in?nasta=${encodeURIComponent(App.root + "/")}`;
    return new Promise(() => {});
  }
  const json = (answer.headers.get("Content-Type") || "").includes("json");
  return {status: answer.status, told: json ? await answer.json() : {fel: [App.lost]}};
};

App.say = words => {
  const toast = document.createElement("p");
  toast.className = "toast";
  toast.textContent = words;
  App.part("toastar").append(toast);
  setTimeout(() => toast.remove(), MESSAGE_SECONDS * 1000);
};

// The view with its contents in the place of its grey lines.
App.reveal = view => {
  const waiting = App.part("vantar", view);
  if (waiting) waiting.remove();
  App.part("innehall", view).hidden = false;
};

App.row = (cells, into) => {
  const row = into.insertRow();
  for (const words of cells) row.insertCell().textContent = words || "–";
  return row;
};

// Words and fields find each other by ids that are new each time the view is shown.
let serial = 0;
App.bind = view => {
  for (const box of view.querySelectorAll("[data-falt]")) {
    const words = box.querySelector("[data-etikett]"), field = box.querySelector("input,select,textarea");
    words.id = "edda-" + (serial += 1);
    field.setAttribute("aria-labelledby", words.id);
    words.addEventListener("click", () => field.focus());
  }
};
