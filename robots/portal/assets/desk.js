// What the pages do beyond what HTML does by itself. Every page works without this file; only the live parts need it.
"use strict";

const csrf = document.querySelector('meta[name="csrf"]')?.content ?? "";

/** Ask the portal for something, as our own page. */
function ask(address, options = {}) {
  return fetch(address, { ...options, headers: { "X-CSRF-Token": csrf, ...options.headers } });
}

/** Say something to those who listen instead of looking. */
function say(words) {
  const said = document.getElementById("said");
  if (said) said.textContent = words;
}

// A form that is sent twice in a hurry is sent once.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
// The page is shown again by the «back» key as it was left.
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

window.desk = { ask, say };
