// The desktop: a tree whose branches are fetched when they are opened, and the list of what was searched for. A branch
// that has been chosen narrows every search after it.
(function () {
  "use strict";
  const tree = document.querySelector("[data-branches]");
  const form = document.querySelector("form.search");
  const box = document.querySelector("[data-rows]");
  const within = document.querySelector(".within");
  let asked = 0;
  let searched = false;

  async function branch(list, code) {
    const answer = await fetch(tree.dataset.branches + "?gren=" + code);
    if (answer.redirected) { location.reload(); return; }
    list.innerHTML = await answer.text();
  }

  async function search(page) {
    const mine = ++asked;
    searched = true;
    box.setAttribute("aria-busy", "true");
    const query = new URLSearchParams(new FormData(form));
    query.set("sida", page);
    let rows = '<p class="stop" role="alert">Sökningen gick inte att göra.</p>';
    try {
      const answer = await fetch(box.dataset.rows + "?" + query);
      if (answer.redirected) { location.reload(); return; }
      if (answer.ok) rows = await answer.text();
    } catch (unreachable) { /* said above */ }
    if (mine !== asked) return;
    box.innerHTML = rows;
    box.setAttribute("aria-busy", "false");
  }

  window.searchAgain = function () { if (searched) search(1); };

  tree.addEventListener("click", async function (event) {
    const node = event.target.closest("[data-branch],[data-year]");
    if (!node) return;
    if (node.dataset.year) {
      form.elements.namnd.value = node.dataset.board;
      form.elements.ar.value = node.dataset.year;
      within.textContent = "Söker bara i " + node.dataset.board + " " + node.dataset.year;
      within.hidden = false;
      search(1);
      return;
    }
    const open = node.querySelector("ul");
    node.setAttribute("aria-expanded", String(!open));
    node.querySelector("button").textContent = open ? "+" : "−";
    if (open) { open.remove(); return; }
    const list = document.createElement("ul");
    node.setAttribute("aria-busy", "true");
    await branch(list, node.dataset.branch);
    node.append(list);
    node.removeAttribute("aria-busy");
  });

  form.addEventListener("submit", function (event) { event.preventDefault(); search(1); });
  box.addEventListener("click", function (event) {
    const turn = event.target.closest("[data-page]");
    if (turn) { event.preventDefault(); search(turn.dataset.page); }
  });
  document.querySelectorAll(".menubar .head").forEach(function (head) {
    head.addEventListener("click", function () { head.nextElementSibling.hidden = !head.nextElementSibling.hidden; });
  });
  document.addEventListener("click", function (event) {
    const opener = event.target.closest("[data-window]");
    if (!opener) return;
    event.preventDefault();
    window.open(opener.dataset.window, "", "width=820,height=620");
    opener.closest(".fold").hidden = true;
  });
  branch(tree, "");
})();
