// The pupil's card, with what has been saved and what is only on its way there.
"use strict";

App.pendingOf = (id, kind) => [...App.pending.values()].filter(one => one.id === id && one.kind === kind);

const offerWithdrawal = (row, id) => {
  const number = row.cells[0].textContent;
  if (row.cells[5].textContent !== "Registrerat") return;
  const button = document.createElement("button");
  button.textContent = "Återta";
  button.addEventListener("click", async () => {
    if (!confirm(`Vill du återta skolvalet ${number}?`)) return;
    const {status, told} = await App.ask(`/handelser/${number}/aterta`, {});
    App.say(status < 300 ? "Skolvalet är återtaget." : told.fel.join(" "));
    if (location.hash === `#/elev/${id}`) App.route();
  });
  row.cells[7].replaceChildren(button);
};

App.showCard = (view, id, told) => {
  const facts = App.part("uppgifter", view);
  facts.replaceChildren();
  App.part("namn", view).textContent = told.uppgifter["Namn"];
  for (const [caption, value] of Object.entries(told.uppgifter)) {
    const term = document.createElement("dt"), said = document.createElement("dd");
    term.textContent = caption;
    said.textContent = value;
    facts.append(term, said);
  }
  App.part("knappar", view).hidden = !told.far_andra;
  App.part("far-inte", view).hidden = told.far_andra;
  for (const link of view.querySelectorAll("[data-till]")) link.href = `#/elev/${id}/${link.dataset.till}`;
  const fill = (name, rows) => {
    const body = App.part(name, view), none = view.querySelector(`[data-tomt="${name}"]`);
    body.replaceChildren();
    for (const row of rows) App.row(row, body);
    body.parentElement.hidden = !rows.length;
    if (none) none.hidden = rows.length > 0;
    return body;
  };
  fill("vardnadshavare", told.vardnadshavare.map(g => [g.namn, g.personnummer, g.signerat, ...g.val]));
  fill("syskon", told.syskon.map(s => [s.namn, s.arskurs, s.skola]));
  const choice = e => [e.nummer, e.val1, e.val2, e.val3, e.skal, e.status, e.referens, ""];
  const note = e => [e.nummer, e.datum, e.text, e.status, e.referens];
  const waiting = (kind, make) => App.pendingOf(id, kind).map(one => make({nummer: "…", status: "Sparar…", ...one.body}));
  const choices = fill("skolval", [...waiting("skolval", choice), ...told.skolval.map(choice)]);
  const notes = fill("anteckningar", [...waiting("anteckning", note), ...told.anteckningar.map(note)]);
  if (told.far_andra) [...choices.rows].forEach(row => offerWithdrawal(row, id));
  for (const row of [...choices.rows, ...notes.rows]) row.className = row.cells[0].textContent === "…" ? "sparar" : "";
  App.reveal(view);
};

App.views = App.views || {};

App.views.elev = async (view, id) => {
  // What is on its way shows on the card that is known already; what is saved is fetched.
  const known = App.cards.get(id);
  if (known && App.pendingOf(id, "skolval").concat(App.pendingOf(id, "anteckning")).length) {
    App.showCard(view, id, known);
    return;
  }
  const {status, told} = await App.ask(`/elever/${id}`);
  if (!view.isConnected) return;
  if (status !== 200) { App.show("saknas"); return; }
  if (told.skyddad) { App.show("skyddad"); return; }
  App.cards.set(id, told);
  App.showCard(view, id, told);
};
