// The window that lies over everything. It lives in the outermost page, whichever frame asks for it.
(function () {
  "use strict";
  let curtain = null;
  let afterwards = null;

  window.openWindow = function (address, title, whenClosed) {
    window.closeWindow();
    afterwards = whenClosed;
    curtain = document.createElement("div");
    curtain.className = "curtain";
    curtain.innerHTML =
      '<div class="window" role="dialog" aria-modal="true"><div class="windowbar"><span></span>' +
      '<button type="button" title="Stäng fönstret">✕</button></div><iframe></iframe></div>';
    curtain.querySelector("span").textContent = title;
    curtain.querySelector(".window").setAttribute("aria-label", title);
    curtain.querySelector("iframe").title = title;
    curtain.querySelector("button").addEventListener("click", window.closeWindow);
    curtain.querySelector("iframe").src = address;
    document.body.append(curtain);
  };

  window.closeWindow = function () {
    if (!curtain) return;
    curtain.remove();
    curtain = null;
    // The frame that opened the window may have gone on to another page since.
    try { if (afterwards) afterwards(); } catch (gone) { afterwards = null; }
  };

  document.addEventListener("click", function (event) {
    const opener = event.target.closest("[data-window]");
    if (opener) {
      window.top.openWindow(opener.dataset.window, opener.dataset.windowTitle, function () {
        window.reloadGrid(opener.dataset.reload);
      });
    }
    if (event.target.closest("[data-close]")) {
      if (window.top === window) location.assign("/renhallning/");
      else window.top.closeWindow();
    }
  });
})();
