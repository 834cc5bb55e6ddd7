// Marks the menu item whose register is open.
(function () {
  "use strict";
  const items = document.querySelectorAll(".menu a");
  document.querySelector("iframe.work").addEventListener("load", function () {
    let where = "";
    try { where = this.contentWindow.location.pathname; } catch (elsewhere) { where = ""; }
    for (const item of items) item.classList.toggle("chosen", where === new URL(item.href).pathname);
  });
})();
