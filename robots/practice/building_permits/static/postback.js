// Pages that send themselves back: whole, or only for the part in the middle of them that moves.

// A click is held for a moment, so that an impatient double-click is one.
const HOLD_MILLISECONDS = 120;
let held = false;

function theForm() { return document.getElementById("aspnetForm"); }

function isPartial(target, argument) {
  return theForm().dataset.delvis.split(" ").some(told => {
    const [name, begins] = told.split(":");
    return name === target && (!begins || argument.startsWith(begins));
  });
}

function sayStatus(words) {
  const line = parent.frames.Status && parent.frames.Status.document.getElementById("lblArbetar");
  if (line) line.textContent = words;
}

function __doPostBack(target, argument) {
  const form = theForm();
  form.elements.__EVENTTARGET.value = target;
  form.elements.__EVENTARGUMENT.value = argument;
  if (isPartial(target, argument)) sendPart(new FormData(form));
  else form.submit();
}

function sendPart(fields) {
  if (held) return;
  held = true;
  sayStatus("Arbetar…");
  setTimeout(async () => {
    const answer = await fetch(theForm().action, {method: "POST", body: fields, headers: {"X-Delsida": "ja"}});
    held = false;
    sayStatus("Klar");
    if (answer.redirected) { location.href = answer.url; return; }
    putIn(await answer.text());
  }, HOLD_MILLISECONDS);
}

// Every element of the answer takes the place of the one with its id; what has none is a message for the whole page.
function putIn(text) {
  const told = new DOMParser().parseFromString(text, "text/html");
  const parts = [...told.body.children].filter(part => part.id);
  if (!parts.length) { document.body.innerHTML = told.body.innerHTML; return; }
  parts.forEach(part => document.getElementById(part.id).replaceWith(part));
}

theForm().addEventListener("submit", event => {
  const button = event.submitter;
  if (!button || !isPartial(button.name, "")) return;
  event.preventDefault();
  const fields = new FormData(theForm());
  fields.set("__EVENTTARGET", button.name);
  sendPart(fields);
});
