// The list: its rows are fetched by the filter, a click on a row opens it.
(function () {
  "use strict";
  const box = document.querySelector("[data-rows]");
  const form = document.querySelector("[data-list]");
  let asked = 0;

  async function load(page) {
    const mine = ++asked;
    box.setAttribute("aria-busy", "true");
    const query = new URLSearchParams(new FormData(form));
    query.set("sida", page);
    let rows = '<p class="flash bad" role="alert">Listan gick inte att hämta.</p>';
    try {
      const answer = await fetch(box.dataset.rows + "?" + query);
      if (answer.redirected) { location.reload(); return; }
      if (answer.ok) rows = await answer.text();
    } catch (unreachable) { /* said above */ }
    if (mine !== asked) return;
    box.innerHTML = rows;
    box.setAttribute("aria-busy", "false");
  }

  form.addEventListener("submit", (event) => { event.preventDefault(); load(1); });
  form.addEventListener("click", (event) => {
    if (!event.target.closest("[data-clear]")) return;
    form.querySelectorAll("input:not([type=checkbox])").forEach((field) => { field.value = ""; });
    load(1);
  });
  box.addEventListener("click", (event) => {
    const turn = event.target.closest("[data-page]");
    if (turn) { event.preventDefault(); load(turn.dataset.page); return; }
    const row = event.target.closest("[data-opens]");
    if (row) location.assign(row.dataset.opens);
  });
  load(1);
})();
