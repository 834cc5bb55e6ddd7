// The information panel: what the municipality knows of the chosen property.

import { fragment } from "./fragment.js";

export function infoPanel(path) {
  const panel = document.getElementById("info");
  const body = document.getElementById("info-body");
  const tools = document.getElementById("info-tools");
  let latest = 0;

  function say(template) {
    body.replaceChildren(document.getElementById(template).content.cloneNode(true));
  }

  function words(template) {
    latest += 1;
    panel.setAttribute("aria-busy", "false");
    tools.hidden = true;
    panel.classList.toggle("asked", template !== "words-start");
    say(template);
  }

  async function load(designation) {
    latest += 1;
    const mine = latest;
    panel.setAttribute("aria-busy", "true");
    panel.classList.add("asked");
    tools.hidden = true;
    say("words-wait");
    const html = await fragment(`${path}/fastighet/rows?fastighet=${encodeURIComponent(designation)}`);
    if (mine !== latest) return; // another property has been chosen since
    if (html === null) say("words-failed");
    else body.innerHTML = html;
    tools.hidden = body.querySelector("h2") === null;
    panel.scrollTop = 0;
    panel.setAttribute("aria-busy", "false");
  }

  return { load, words };
}
