// F4 in a field that cannot be typed in: a box with what there is to choose, chosen by a double-click or by Enter.
(function () {
  "use strict";
  const field = document.querySelector("input[data-lookup]");

  function close(box) {
    box.remove();
    field.focus();
  }

  window.onKey("F4", (target) => {
    if (target !== field && !target.closest("[data-key]")) return;
    const box = document.createElement("div");
    box.className = "uppslag";
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-modal", "true");
    box.setAttribute("aria-label", "Uppslag");
    box.innerHTML = '<div class="titelrad"><span>Uppslag</span></div><table class="rader"><tbody></tbody></table>';
    field.dataset.lookup.split(",").forEach((code, place) => {
      const row = box.querySelector("tbody").insertRow();
      row.tabIndex = 0;
      row.insertCell().textContent = String(place + 1).padStart(2, "0");
      row.insertCell().textContent = code;
      const choose = () => { field.value = code; close(box); };
      row.addEventListener("dblclick", choose);
      row.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); choose(); } });
    });
    box.addEventListener("keydown", (event) => { if (event.key === "Escape") close(box); });
    document.body.append(box);
    box.querySelector("tr").focus();
  });
})();
