// Rows: a double-click opens the card, the right button a menu whose entries have menus of their own.
(function () {
  "use strict";
  const root = location.pathname.split("/").slice(0, 2).join("/");
  let open = null;

  function close() { if (open) open.remove(); open = null; }

  function show(address) { close(); window.open(root + address, "", "width=820,height=620"); }

  function entriesOf(row) {
    if (row.dataset.arende) {
      const card = "/arenden/" + row.dataset.arende;
      return [["Öppna ärendekort", card],
        ["Ny handling", [["Inkommen", card + "/ny-handling"], ["Upprättad", ""], ["Utgående", ""]]],
        ["Skriv ut", ""]];
    }
    const card = "/handlingar/" + row.dataset.handling;
    return [["Öppna handlingskort", card],
      ["Dokument", [["Checka ut", card + "/checka-ut"], ["Checka in", card + "/checka-in"],
        ["Historik", card + "/historik"]]],
      ["Gallra", ""]];
  }

  function build(entries) {
    const list = document.createElement("ul");
    list.className = "menu";
    for (const [words, leads] of entries) {
      const entry = document.createElement("li");
      entry.textContent = words;
      if (Array.isArray(leads)) {
        entry.append(" ▸", build(leads));
        entry.classList.add("parent");
      } else if (leads) {
        entry.addEventListener("click", function () { show(leads); });
      } else {
        entry.classList.add("disabled");
      }
      list.append(entry);
    }
    return list;
  }

  document.addEventListener("contextmenu", function (event) {
    const row = event.target.closest("[data-arende],[data-handling]");
    if (!row) return;
    event.preventDefault();
    close();
    document.querySelectorAll("tr.chosen").forEach(function (other) { other.classList.remove("chosen"); });
    row.classList.add("chosen");
    // The menu asks the server what may be done before it shows itself.
    setTimeout(function () {
      close();
      open = build(entriesOf(row));
      open.setAttribute("role", "menu");
      open.style.left = Math.min(event.pageX, innerWidth - 380) + "px";
      open.style.top = event.pageY + "px";
      document.body.append(open);
    }, 90);
  });
  document.addEventListener("dblclick", function (event) {
    const row = event.target.closest("[data-arende],[data-handling]");
    if (row) show(row.dataset.arende ? "/arenden/" + row.dataset.arende : "/handlingar/" + row.dataset.handling);
  });
  document.addEventListener("keydown", function (event) { if (event.key === "Escape") close(); });
  document.addEventListener("click", function (event) { if (open && !open.contains(event.target)) close(); });
})();
