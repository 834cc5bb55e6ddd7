// Lists: rows come from the server, one click selects, a double-click opens.
(function () {
  "use strict";
  const lists = new Map();

  class List {
    constructor(box) {
      this.box = box;
      this.form = document.querySelector('form[data-for="' + box.id + '"]');
      this.page = 1;
      this.sorting = "";
      this.asked = 0;
      this.loaded = false;
      box.addEventListener("click", (event) => this.clicked(event.target));
      box.addEventListener("dblclick", (event) => this.open(event.target.closest("tr[data-opens]")));
      if (this.form) this.listenToForm();
    }

    listenToForm() {
      this.form.addEventListener("submit", (event) => { event.preventDefault(); this.search(); });
      this.form.addEventListener("change", (event) => { if (event.target.type === "checkbox") this.search(); });
      this.form.addEventListener("click", (event) => {
        const button = event.target.closest("[data-do]");
        if (!button) return;
        if (button.dataset.do === "clear") { this.form.reset(); this.search(); }
        if (button.dataset.do === "refresh") this.load();
        if (button.dataset.do === "open") this.open(this.box.querySelector("tr.selected"));
        if (button.dataset.do === "split") document.body.classList.toggle("large-details");
      });
    }

    search() {
      this.page = 1;
      this.load();
    }

    async load() {
      const mine = ++this.asked;
      this.loaded = true;
      this.box.setAttribute("aria-busy", "true");
      this.box.innerHTML = '<p class="wait">Hämtar…</p>';
      const query = new URLSearchParams(this.form ? new FormData(this.form) : undefined);
      query.set("sida", this.page);
      if (this.sorting) query.set("sortering", this.sorting);
      let rows = '<p class="errors" role="alert">Listan kunde inte hämtas. Försök igen.</p>';
      try {
        const answer = await fetch(this.box.dataset.rows + "?" + query);
        // The session has ended: the page itself leads to the login.
        if (answer.redirected) { location.reload(); return; }
        if (answer.ok) rows = await answer.text();
      } catch (unreachable) { /* the words above say it */ }
      if (mine !== this.asked) return;
      this.box.innerHTML = rows;
      this.box.setAttribute("aria-busy", "false");
    }

    clicked(target) {
      const row = target.closest("tbody tr");
      const head = target.closest("th[data-column]");
      const turn = target.closest("[data-page]");
      if (row) {
        for (const other of this.box.querySelectorAll("tr.selected")) this.select(other, false);
        this.select(row, true);
      } else if (head) {
        const up = head.dataset.column + "-stigande";
        this.sorting = this.sorting === up ? head.dataset.column + "-fallande" : up;
        this.search();
      } else if (turn) {
        this.page = Number(turn.dataset.page);
        this.load();
      }
    }

    select(row, on) {
      row.classList.toggle("selected", on);
      row.setAttribute("aria-selected", String(on));
    }

    open(row) {
      if (!row || !row.dataset.opens) return;
      const where = this.box.dataset.opensIn;
      if (where === "detaljer") window.frames.detaljer.location.assign(row.dataset.opens);
      if (where === "har") location.assign(row.dataset.opens);
      if (where === "fonster") window.top.openWindow(row.dataset.opens, "Beställning", null);
    }
  }

  window.reloadGrid = function (id) {
    if (lists.has(id)) lists.get(id).load();
  };

  for (const box of document.querySelectorAll("[data-rows]")) {
    const list = new List(box);
    lists.set(box.id, list);
    if (!box.closest("[hidden]")) list.load();
  }

  for (const tab of document.querySelectorAll("[data-tab]")) {
    tab.addEventListener("click", function () {
      for (const other of document.querySelectorAll("[data-tab]")) {
        other.setAttribute("aria-selected", String(other === tab));
        document.querySelector('[data-panel="' + other.dataset.tab + '"]').hidden = other !== tab;
      }
      const list = lists.get(tab.dataset.tab);
      if (!list.loaded) list.load();
    });
  }
})();
