// Lists: the rows come afterwards; a click marks a row, a double-click or Enter opens it.
(function () {
  "use strict";
  const box = document.querySelector("[data-rows]");
  const form = document.querySelector("form[data-for]");
  let asked = 0;
  let page = 1;

  async function load() {
    const mine = ++asked;
    box.setAttribute("aria-busy", "true");
    box.innerHTML = '<p class="vanta">Hämtar…</p>';
    const query = new URLSearchParams(form ? new FormData(form) : "");
    query.set("sida", page);
    const address = box.dataset.rows;
    let rows = '<p class="fel" role="alert">Listan gick inte att hämta. Försök igen.</p>';
    try {
      const answer = await fetch(address + (address.includes("?") ? "&" : "?") + query);
      if (answer.redirected) { location.reload(); return; }
      if (answer.ok) rows = await answer.text();
    } catch (unreachable) { /* the words above say it */ }
    if (mine !== asked) return;
    box.innerHTML = rows;
    box.setAttribute("aria-busy", "false");
  }

  const open = (row) => { if (row && row.dataset.opens) location.assign(row.dataset.opens); };
  box.addEventListener("click", (event) => {
    const turn = event.target.closest("[data-page]");
    if (turn) { page = Number(turn.dataset.page); load(); return; }
    const row = event.target.closest("tr[data-opens]");
    for (const other of box.querySelectorAll("tr.vald")) other.classList.remove("vald");
    if (row) row.classList.add("vald");
  });
  box.addEventListener("dblclick", (event) => open(event.target.closest("tr[data-opens]")));
  box.addEventListener("keydown", (event) => { if (event.key === "Enter") open(event.target.closest("tr[data-opens]")); });
  if (form) form.addEventListener("submit", (event) => { event.preventDefault(); page = 1; load(); });
  load();
})();
