// The small calendar beside a date field. Days that cannot be chosen are grey, but may still be typed.
(function () {
  "use strict";
  const MONTHS = "januari februari mars april maj juni juli augusti september oktober november december".split(" ");
  let box = null;

  function iso(year, month, day) {
    return new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10);
  }

  function draw(button, field, year, month) {
    const lead = (new Date(Date.UTC(year, month, 1)).getUTCDay() + 6) % 7;
    const length = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
    const allowed = button.dataset.days.split(",");
    let cells = "<td></td>".repeat(lead);
    for (let day = 1; day <= length; day++) {
      const value = iso(year, month, day);
      const shut = !allowed.includes(value);
      if ((lead + day - 1) % 7 === 0) cells += "</tr><tr>";
      cells += '<td><button type="button" data-day="' + value + '"' + (shut ? " disabled" : "") + ">" + day + "</button></td>";
    }
    box.innerHTML =
      '<div class="month"><button type="button" title="Föregående månad" data-turn="-1">‹</button><b>' + MONTHS[month] + " " + year +
      '</b><button type="button" title="Nästa månad" data-turn="1">›</button></div><table><tr><th>må</th><th>ti</th><th>on</th>' +
      "<th>to</th><th>fr</th><th>lö</th><th>sö</th></tr><tr>" + cells + "</tr></table>";
    box.onclick = function (event) {
      const turn = event.target.dataset.turn;
      if (turn) {
        const moved = new Date(Date.UTC(year, month + Number(turn), 1));
        draw(button, field, moved.getUTCFullYear(), moved.getUTCMonth());
      } else if (event.target.dataset.day) {
        field.value = event.target.dataset.day;
        close();
      }
    };
  }

  function close() {
    if (box) box.remove();
    box = null;
  }

  for (const button of document.querySelectorAll("[data-calendar]")) {
    button.addEventListener("click", function () {
      if (box) { close(); return; }
      const field = document.querySelector('[name="' + button.dataset.calendar + '"]');
      const start = /^\d{4}-\d\d-/.test(field.value) ? field.value : button.dataset.days.slice(-10);
      box = document.createElement("div");
      box.className = "calendar";
      button.after(box);
      draw(button, field, Number(start.slice(0, 4)), Number(start.slice(5, 7)) - 1);
    });
  }
})();
