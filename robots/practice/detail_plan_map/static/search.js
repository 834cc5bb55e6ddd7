// The search box: waits until the typing has paused, asks, and shows the answer if it is still the one wanted.

import { fragment } from "./fragment.js";

const PAUSE = 300;

export function searchBox(path, choose) {
  const input = document.getElementById("search");
  const box = document.getElementById("suggest");
  const clear = document.getElementById("search-clear");
  let timer = 0;
  let latest = 0;
  let active = -1;

  const options = () => [...box.querySelectorAll("[role=option]")];

  function open(isOpen) {
    box.hidden = !isOpen;
    input.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen) {
      active = -1;
      input.removeAttribute("aria-activedescendant");
    }
  }

  function close() {
    window.clearTimeout(timer);
    latest += 1;
    box.replaceChildren();
    box.removeAttribute("aria-busy");
    open(false);
  }

  async function ask() {
    latest += 1;
    const mine = latest;
    const typed = input.value;
    box.setAttribute("aria-busy", "true");
    box.replaceChildren(document.getElementById("words-wait").content.cloneNode(true));
    open(true);
    const html = await fragment(`${path}/sok/rows?q=${encodeURIComponent(typed)}`);
    if (mine !== latest) return; // an answer to an older text
    if (html === null) box.replaceChildren(document.getElementById("words-search-failed").content.cloneNode(true));
    else box.innerHTML = html;
    box.setAttribute("aria-busy", "false");
    active = -1;
  }

  function mark(place) {
    const all = options();
    if (!all.length) return;
    active = (place + all.length) % all.length;
    all.forEach((option, n) => option.setAttribute("aria-selected", String(n === active)));
    input.setAttribute("aria-activedescendant", all[active].id);
    all[active].scrollIntoView({ block: "nearest" });
  }

  function take(option) {
    input.value = option.dataset.designation;
    clear.hidden = false;
    close();
    choose(option.dataset.designation);
  }

  input.addEventListener("input", () => {
    clear.hidden = !input.value;
    window.clearTimeout(timer);
    if (!input.value.trim()) {
      close();
      return;
    }
    timer = window.setTimeout(ask, PAUSE);
  });

  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      mark(event.key === "ArrowDown" ? active + 1 : active < 0 ? -1 : active - 1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      const option = options()[Math.max(active, 0)]; // without a marked one, the first
      if (option && !box.hidden) take(option);
      else if (input.value.trim()) {
        window.clearTimeout(timer);
        ask();
      }
    } else if (event.key === "Escape") close();
  });

  box.addEventListener("mousedown", (event) => event.preventDefault());
  box.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
  clear.addEventListener("click", () => {
    input.value = "";
    clear.hidden = true;
    close();
    input.focus();
  });
  document.addEventListener("pointerdown", (event) => {
    if (!box.contains(event.target) && event.target !== input) close();
  });

  if (input.value.trim()) timer = window.setTimeout(ask, PAUSE); // typed before this script was here

  return { show: (text) => { input.value = text; clear.hidden = !text; } };
}
