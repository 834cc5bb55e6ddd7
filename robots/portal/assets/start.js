// The pages where a run is started: finding the task by a few letters, and checking the form while it is filled in.
"use strict";

/** As robots/portal/search.py has it: whatever the case, accents left out, but å, ä and ö letters of their own. */
function fold(words) {
  const even = words.normalize("NFC").toLowerCase();
  return [...even].map((letter) => ("åäö".includes(letter) ? letter : letter.normalize("NFD")[0])).join("");
}

const find = document.getElementById("find");
if (find) findTasks(find.elements.q);
const form = document.getElementById("ask");
if (form) checkWhileTyping();

function findTasks(field) {
  const cards = [...document.querySelectorAll(".task")];
  const usual = document.getElementById("usual");
  const none = document.getElementById("none");
  document.querySelector(".keys").hidden = false;

  const links = () => [...document.querySelectorAll("#usual a, .task a")].filter((link) => link.offsetParent !== null);

  const choose = () => {
    const parts = fold(field.value).split(/\s+/).filter(Boolean);
    for (const card of cards) card.hidden = !parts.every((part) => card.dataset.words.includes(part));
    for (const owner of document.querySelectorAll(".owner")) owner.hidden = !owner.querySelector(".task:not([hidden])");
    if (usual) usual.hidden = parts.length > 0;
    const left = cards.filter((card) => !card.hidden).length;
    none.hidden = left > 0;
    if (parts.length) desk.say(`${find.dataset.found} ${left}`);
  };

  field.addEventListener("input", choose);
  find.addEventListener("submit", (event) => {
    if (!field.value.trim()) return event.preventDefault();
    const first = document.querySelector(".task:not([hidden]) a");
    if (first) {
      event.preventDefault();
      location.assign(first.href);
    }
  });
  // Keys for a list that has the focus, or for the empty field above it: nothing is taken from anybody who types.
  document.getElementById("main").addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const all = links();
    const at = all.indexOf(document.activeElement);
    const inField = document.activeElement === field;
    const key = /^[1-9]$/.test(event.key) && usual?.querySelector(`a[data-key="${event.key}"]`);
    if (key && !usual.hidden && (at >= 0 || (inField && !field.value))) {
      event.preventDefault();
      location.assign(key.href);
    } else if (at >= 0 || inField) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      (all[at + step] ?? (at + step < 0 ? field : all.at(-1)))?.focus();
    }
  });
  if (field.value) choose();
}

function checkWhileTyping() {
  const left = new Set(); // the fields that somebody has been in: nobody is told of what they have not come to yet
  const known = document.getElementById("known");
  let waiting = 0;
  let newest = 0;

  const show = (name, words) => {
    const place = document.getElementById(`f-${name}-fault`);
    const field = document.getElementById(`f-${name}`);
    if (!place || place.textContent === words) return;
    place.textContent = words;
    if (!field) return;
    if (words) {
      field.setAttribute("aria-invalid", "true");
      desk.say(words);
    } else field.removeAttribute("aria-invalid");
  };

  const tell = (told) => {
    const lines = told.map(({ words, run }) => {
      const line = document.createElement("p");
      line.className = "notice";
      line.append(words);
      if (run) {
        const link = document.createElement("a");
        link.href = `/runs/${run}`;
        link.textContent = `${known.dataset.open} K-${run}`;
        line.append(" ", link);
      }
      return line;
    });
    const before = known.textContent.trim();
    known.replaceChildren(...lines);
    if (known.textContent.trim() !== before && lines.length) desk.say(told.map(({ words }) => words).join(" "));
  };

  const suggest = (suggested) => {
    for (const [name, values] of Object.entries(suggested)) {
      const options = values.map((value) => Object.assign(document.createElement("option"), { value }));
      document.getElementById(`f-${name}-seen`)?.replaceChildren(...options);
    }
  };

  const check = async () => {
    const mine = ++newest;
    let answer;
    try {
      answer = await desk.ask(`${form.getAttribute("action")}/check`, { method: "POST", body: new FormData(form) });
      if (!answer.ok || answer.redirected) return;
      answer = await answer.json();
    } catch {
      return; // the form is checked when it is sent, whatever becomes of this
    }
    if (mine !== newest) return; // somebody has typed on
    for (const [name, words] of Object.entries(answer.faults)) {
      const shown = document.getElementById(`f-${name}-fault`)?.textContent;
      if (!words || left.has(name) || shown || (name === "" && left.size)) show(name, words);
    }
    suggest(answer.suggested);
    tell(answer.known);
  };

  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(check, 250);
  });
  form.addEventListener("focusout", ({ target }) => {
    if (!target.name || target.name.startsWith("_") || !target.value) return;
    left.add(target.name);
    clearTimeout(waiting);
    waiting = setTimeout(check, 0);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
}
