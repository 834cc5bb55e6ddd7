// The two forms. What is saved is shown at once and taken back when the system says no.
"use strict";

const refuse = (view, words) => {
  const box = App.part("fel", view);
  box.replaceChildren();
  for (const one of words) {
    const line = document.createElement("p");
    line.textContent = one;
    box.append(line);
  }
  box.hidden = !words.length;
};

const values = form => Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()]));

const restore = (form, body) => {
  for (const [name, value] of Object.entries(body)) {
    const field = form.elements[name];
    if (field) field.value = value;
  }
};

const form = (kind, done, prepare) => async (view, id) => {
  const {status, told} = await App.ask(`/elever/${id}/${kind}`);
  if (!view.isConnected) return;
  for (const link of view.querySelectorAll("[data-till]")) link.href = `#/elev/${id}`;
  const draft = App.drafts.get(`${kind} ${id}`) || {body: {}, words: []};
  App.drafts.delete(`${kind} ${id}`);
  // What was answered to the save stands first; what stands in the way now may be the very change that was saved.
  const obstacles = status === 200 ? told.hinder || [] : told.fel;
  refuse(view, [...new Set([...draft.words, ...obstacles])]);
  if (obstacles.length) {
    App.part("vantar", view).remove();
    return;
  }
  const here = App.part("innehall", view);
  App.part("elev", view).textContent = told.elev;
  prepare(view, told);
  restore(here, draft.body);
  App.reveal(view);
  here.addEventListener("submit", event => {
    event.preventDefault();
    save(kind, id, {...values(here), version: told.version}, done);
  });
};

const save = async (kind, id, body, done) => {
  const serial = Symbol(kind);
  App.pending.set(serial, {id, kind, body});
  location.hash = `#/elev/${id}`;
  let words = [App.lost];
  try {
    const {status, told} = await App.ask(`/elever/${id}/${kind}`, body);
    words = status < 300 ? [] : told.fel;
  } catch (lost) { /* nobody answered: the words stand */ }
  App.pending.delete(serial);
  if (words.length) {
    App.drafts.set(`${kind} ${id}`, {body, words});
    App.say("Ändringen har återställts.");
    location.hash = `#/elev/${id}/${kind}`;
    return;
  }
  App.say(done);
  if (location.hash === `#/elev/${id}`) App.route();
};

App.views.skolval = form("skolval", "Skolvalet är sparat.", (view, told) => {
  App.part("arskurs", view).textContent = told.arskurs;
  for (const name of ["val1", "val2", "val3"]) {
    const list = view.querySelector(`[name=${name}]`);
    for (const school of ["", ...told.skolor]) list.append(new Option(school || "Välj skola", school));
  }
});

App.views.anteckning = form("anteckning", "Anteckningen är sparad.", () => {});
