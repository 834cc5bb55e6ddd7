// A list: its rows come in portions, more of them when it is scrolled; a click marks a row, a double-click opens it.
(function () {
  "use strict";
  const root = document.body.dataset.path;

  window.startList = function (box, openPanel) {
    const key = box.dataset.lista;
    const form = document.querySelector('[data-sok="' + key + '"]');
    let sorting = "";
    let asked = 0;
    let fetching = false;

    function query(from) {
      const told = new URLSearchParams(new FormData(form));
      if (sorting) told.set("sortering", sorting);
      if (from) told.set("fran", from);
      return told;
    }

    async function rows(from) {
      const answer = await fetch(root + "/lista/" + key + "/rows?" + query(from));
      if (answer.redirected) { location.reload(); return null; }
      return answer.ok ? answer.text() : '<p class="fel" role="alert">Listan kunde inte hämtas. Försök igen.</p>';
    }

    async function load() {
      const mine = ++asked;
      box.setAttribute("aria-busy", "true");
      let words = '<p class="fel" role="alert">Listan kunde inte hämtas. Försök igen.</p>';
      try { words = await rows(0); } catch (unreachable) { /* the words above say it */ }
      if (mine !== asked || words === null) return;
      box.innerHTML = words;
      fetching = false;
      box.setAttribute("aria-busy", "false");
      const scroller = box.querySelector(".rull");
      if (scroller) scroller.addEventListener("scroll", () => more(scroller));
    }

    async function more(scroller) {
      const body = scroller.querySelector("tbody");
      const nearEnd = scroller.scrollTop + scroller.clientHeight > scroller.scrollHeight - 80;
      if (!nearEnd || fetching || body.rows.length >= Number(scroller.dataset.total)) return;
      fetching = true;
      const mine = asked;
      scroller.setAttribute("aria-busy", "true");
      const words = await rows(body.rows.length);
      if (mine !== asked || words === null) return;
      const carrier = document.createElement("div");
      carrier.innerHTML = words;
      body.append(...carrier.querySelectorAll("tr"));
      scroller.setAttribute("aria-busy", "false");
      fetching = false;
    }

    form.addEventListener("submit", (event) => { event.preventDefault(); load(); });
    form.addEventListener("click", function (event) {
      if (event.target.closest("[data-rensa]")) { form.reset(); load(); }
      if (event.target.closest("[data-export]")) location.assign(root + "/lista/" + key + "/export.csv?" + query(0));
    });
    box.addEventListener("click", function (event) {
      const head = event.target.closest("th[data-kolumn]");
      const row = event.target.closest("tr[data-oppnar]");
      if (head) {
        const up = head.dataset.kolumn + "-stigande";
        sorting = sorting === up ? head.dataset.kolumn + "-fallande" : up;
        load();
      } else if (row) {
        for (const other of box.querySelectorAll("tr")) other.setAttribute("aria-selected", String(other === row));
      }
    });
    box.addEventListener("dblclick", function (event) {
      const row = event.target.closest("tr[data-oppnar]");
      if (row) openPanel(row.dataset.oppnar, row.dataset.rubrik);
    });
    load();
  };
})();
