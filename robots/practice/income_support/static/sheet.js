// The calculation sheet. A cell takes nothing until F2 has opened it; Enter keeps what was typed and goes on to the
// next one; Escape takes it back. The sums come from the server, when F8 asks for them.
(function () {
  "use strict";
  const sheet = document.querySelector("[data-sheet]");
  const cells = [...sheet.querySelectorAll(".cell")];
  const status = document.querySelector(".rad");
  const sums = document.querySelector(".summering");
  let edited = null;
  let before = "";
  let reckoned = sums.querySelector("table") !== null;

  const say = (words) => { status.textContent = words; };
  const tidy = (text) => text.replace(/\s/g, "").replace(/\B(?=(\d{3})+$)/g, " ");

  function open(cell) {
    before = cell.textContent;
    edited = document.createElement("input");
    edited.value = before.replace(/\s/g, "");
    cell.textContent = "";
    cell.append(edited);
    edited.select();
    edited.focus();
    say("Skriv beloppet. Enter sparar rutan.");
  }

  function close(keep) {
    if (!edited) return null;
    const cell = edited.parentElement;
    const typed = edited.value;
    edited = null;
    cell.textContent = keep ? tidy(typed) : before;
    if (cell.textContent !== before) {
      reckoned = false;
      sums.innerHTML = '<p class="tomt">Inte beräknat</p>';
    }
    return cell;
  }

  function stand(cell) {
    for (const other of cells) other.classList.toggle("markerad", other === cell);
    if (cell) cell.focus();
  }

  function step(cell, steps) {
    stand(cells[Math.min(cells.length - 1, Math.max(0, cells.indexOf(cell) + steps))]);
  }

  async function reckon() {
    if (edited) { say("Avsluta rutan med Enter först."); return; }
    say("Beräknar…");
    sums.innerHTML = '<p class="tomt">Beräknar…</p>';
    const form = new URLSearchParams(cells.map((cell) => [cell.dataset.name, cell.textContent]));
    const answer = await fetch(sheet.dataset.sheet + "/rakna", { method: "POST", body: form });
    if (answer.redirected) { location.reload(); return; }
    sums.innerHTML = await answer.text();
    reckoned = sums.querySelector("table") !== null;
    say(reckoned ? "Beräknat. F9 går vidare till förslaget." : "");
  }

  window.onKey("F8", reckon);
  window.onKey("F9", () => {
    if (reckoned && !edited) location.assign(sheet.dataset.sheet + "/granska");
    else say("Tryck F8 först.");
  });
  window.onKey("F2", () => {
    const cell = cells.find((c) => c === document.activeElement);
    if (cell && !edited) open(cell);
  });

  sheet.addEventListener("click", (event) => {
    const cell = event.target.closest(".cell");
    if (cell && !(edited && cell.contains(edited))) { close(false); stand(cell); }
  });
  sheet.addEventListener("keydown", (event) => {
    const cell = event.target.closest(".cell");
    if (!cell) return;
    if (event.key === "Enter") { close(true); step(cell, 1); }
    else if (event.key === "Escape") { close(false); stand(cell); }
    else if (edited) return;
    else if (event.key === "ArrowDown") step(cell, 1);
    else if (event.key === "ArrowUp") step(cell, -1);
    else if (event.key.length === 1 && /\p{L}/u.test(event.key)) {
      // As in the programs of its age: a letter goes to the next row that begins with it.
      const rows = cells.filter((c) => c.parentElement.cells[0].textContent.toLowerCase().startsWith(event.key));
      stand(rows.find((c) => cells.indexOf(c) > cells.indexOf(cell)) || rows[0] || cell);
    } else if (event.key.length === 1) say("Tryck F2 för att ändra rutan.");
    else return;
    event.preventDefault();
  });
})();
