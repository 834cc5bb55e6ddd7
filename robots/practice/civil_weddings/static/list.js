// A list whose rows come after the page.
(function () {
  "use strict";
  const root = document.body.dataset.path;
  const list = document.querySelector("[data-lista]");
  const form = document.querySelector("[data-sok]");
  let asked = 0;

  async function load() {
    const mine = ++asked;
    list.setAttribute("aria-busy", "true");
    let words = '<p class="fel" role="alert">Listan kunde inte hämtas. Försök igen.</p>';
    try {
      const answer = await fetch(root + "/" + list.dataset.lista + "/rows?" + new URLSearchParams(new FormData(form)));
      if (answer.redirected) { location.reload(); return; }
      if (answer.ok) words = await answer.text();
    } catch (unreachable) { /* the words above say it */ }
    if (mine !== asked) return;
    list.innerHTML = words;
    list.setAttribute("aria-busy", "false");
  }

  form.addEventListener("submit", function (event) { event.preventDefault(); load(); });
  load();
})();
