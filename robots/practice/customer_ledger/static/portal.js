// The portal: a tab fetches its panel when it is looked at for the first time, and keeps it as long as it is open.
(function () {
  "use strict";
  const root = document.body.dataset.path;
  const bar = document.querySelector("[data-flikar]");
  const panels = document.querySelector(".paneler");
  const open = new Map();

  async function fetched(address) {
    const answer = await fetch(root + address);
    // The session has ended: the portal itself leads to the login.
    if (answer.redirected) { location.reload(); return null; }
    if (!answer.ok) return '<p class="fel" role="alert">Panelen kunde inte hämtas. Försök igen.</p>';
    return answer.text();
  }

  async function fill(box, address) {
    box.setAttribute("aria-busy", "true");
    box.innerHTML = '<p class="vantar">Hämtar…</p>';
    let words = '<p class="fel" role="alert">Panelen kunde inte hämtas. Försök igen.</p>';
    try { words = await fetched(address); } catch (unreachable) { /* the words above say it */ }
    if (words === null) return;
    box.innerHTML = words;
    box.setAttribute("aria-busy", "false");
    for (const list of box.querySelectorAll("[data-lista]")) window.startList(list, openPanel);
    const first = box.querySelector("[data-del]");
    if (first) showPart(first);
  }

  function tabFor(key, words) {
    const tab = document.createElement("div");
    tab.className = "flik egen";
    tab.dataset.oppnar = key;
    tab.append(words);
    const cross = document.createElement("span");
    cross.className = "stang";
    cross.title = "Stäng fliken";
    cross.textContent = "×";
    tab.append(cross);
    bar.append(tab);
    return tab;
  }

  function openPanel(key, words) {
    const tab = [...bar.children].find((one) => one.dataset.oppnar === key) || tabFor(key, words);
    for (const other of bar.children) other.classList.toggle("vald", other === tab);
    let box = open.get(key);
    if (!box) {
      box = document.createElement("section");
      box.className = "panel";
      box.dataset.panel = key;
      panels.append(box);
      open.set(key, box);
      fill(box, "/panel/" + key);
    }
    for (const [name, other] of open) other.hidden = name !== key;
  }

  function close(tab) {
    const key = tab.dataset.oppnar;
    open.get(key).remove();
    open.delete(key);
    const beside = tab.previousElementSibling;
    tab.remove();
    openPanel(beside.dataset.oppnar);
  }

  function showPart(tab) {
    const row = tab.closest("[data-delflikar]");
    const parts = row.nextElementSibling;
    for (const other of row.children) other.classList.toggle("vald", other === tab);
    let box = [...parts.children].find((one) => one.dataset.visar === tab.dataset.del);
    if (!box) {
      box = document.createElement("div");
      box.className = "del";
      box.dataset.visar = tab.dataset.del;
      parts.append(box);
      fill(box, "/panel/" + tab.dataset.del);
    }
    for (const other of parts.children) other.hidden = other !== box;
  }

  bar.addEventListener("click", function (event) {
    const tab = event.target.closest("[data-oppnar]");
    if (!tab) return;
    if (event.target.closest(".stang")) close(tab); else openPanel(tab.dataset.oppnar);
  });

  panels.addEventListener("click", function (event) {
    const part = event.target.closest("[data-del]");
    if (part) showPart(part);
  });

  panels.addEventListener("submit", async function (event) {
    const form = event.target;
    if (!form.matches(".notering")) return;
    event.preventDefault();
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (answer.redirected) { location.reload(); return; }
    form.closest(".del").innerHTML = await answer.text();
  });

  openPanel("start");
})();
