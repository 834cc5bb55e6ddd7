// The calendar: fetched month by month or week by week; a card is dragged to a free time, and then it is asked.
(function () {
  "use strict";
  const root = document.body.dataset.path;
  const board = document.querySelector("[data-kalender]");
  const place = document.querySelector("[data-lokal]");
  const question = document.querySelector("[data-fraga]");
  let shown = { dag: board.dataset.dag, vy: "manad" };
  let asked = 0;

  async function show() {
    const mine = ++asked;
    board.setAttribute("aria-busy", "true");
    const query = new URLSearchParams({ lokal: place.value, dag: shown.dag, vy: shown.vy });
    let words = '<p class="fel" role="alert">Kalendern kunde inte hämtas. Försök igen.</p>';
    try {
      const answer = await fetch(root + "/kalender/rows?" + query);
      // The session has ended: the page itself leads to the login.
      if (answer.redirected) { location.reload(); return; }
      if (answer.ok) words = await answer.text();
    } catch (unreachable) { /* the words above say it */ }
    if (mine !== asked) return;
    board.innerHTML = words;
    board.setAttribute("aria-busy", "false");
  }

  board.addEventListener("click", function (event) {
    const to = event.target.closest("[data-visa]");
    if (!to) return;
    shown = { dag: to.dataset.visa, vy: to.dataset.vy };
    show();
  });
  place.addEventListener("change", show);

  // Dragging
  let card = null;
  let carried = null;
  let begun = null;

  document.addEventListener("mousedown", function (event) {
    card = event.target.closest("[data-kort]");
    if (!card) return;
    begun = { x: event.clientX, y: event.clientY };
    event.preventDefault();
  });

  document.addEventListener("mousemove", function (event) {
    if (!card) return;
    if (!carried) {
      if (Math.hypot(event.clientX - begun.x, event.clientY - begun.y) < 6) return;
      carried = document.createElement("div");
      carried.className = "buren";
      carried.textContent = card.dataset.kort;
      document.body.append(carried);
    }
    carried.style.left = event.clientX + 4 + "px";
    carried.style.top = event.clientY + 4 + "px";
    for (const lit of document.querySelectorAll(".over")) lit.classList.remove("over");
    const cell = under(event);
    if (cell) cell.classList.add("over");
  });

  document.addEventListener("mouseup", function (event) {
    const cell = carried && under(event);
    if (cell) ask(card.dataset.kort, cell);
    if (carried) carried.remove();
    card = carried = null;
  });

  function under(event) {
    const lies = document.elementFromPoint(event.clientX, event.clientY);
    return lies && lies.closest("[data-slapp]");
  }

  async function ask(number, cell) {
    // The card is shown where it was dropped; nothing is reserved before somebody has said so in the box.
    cell.classList.remove("over");
    cell.classList.add("tankt");
    cell.textContent = number;
    const told = { arende: number, dag: cell.dataset.dag, tid: cell.dataset.tid, lokal: cell.dataset.plats };
    const answer = await fetch(root + "/reservation?" + new URLSearchParams(told));
    if (answer.redirected) { location.reload(); return; }
    question.innerHTML = answer.ok ? await answer.text() : '<p class="fel" role="alert">Tiden går inte att reservera.</p>';
  }

  question.addEventListener("click", function (event) {
    if (!event.target.closest("[data-avbryt]")) return;
    question.innerHTML = "";
    show();
  });

  show();
})();
