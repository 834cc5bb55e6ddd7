// Every card and every form has a window of its own. What belongs in the work area goes there by itself.
(function () {
  "use strict";
  if (window.needsShell && window === window.top) location.replace(window.needsShell);

  document.addEventListener("click", function (event) {
    const opens = event.target.closest("[data-card]");
    const closes = event.target.closest("[data-close]");
    if (opens) {
      event.preventDefault();
      window.open(opens.dataset.card, "kort" + Date.now(), "width=860,height=620,scrollbars=yes,resizable=yes");
    }
    if (closes) {
      const leave = function () { window.top.close(); };
      if (closes.dataset.close) fetch(closes.dataset.close, { method: "POST", keepalive: true }).finally(leave);
      else leave();
    }
  });

  document.addEventListener("submit", function (event) {
    const words = event.target.dataset.asks;
    if (words && !window.confirm(words)) event.preventDefault();
  });
})();
