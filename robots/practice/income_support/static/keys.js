// The keys and the icons without names: what an icon does, its key does.
(function () {
  "use strict";
  const submit = (id) => { const form = document.getElementById(id); if (form) form.requestSubmit(); };
  const does = {
    F3: () => location.assign("/bistand/akter"),
    F6: () => submit("las"),
    F7: () => submit("slapp"),
  };
  window.onKey = (key, act) => { does[key] = act; };

  document.addEventListener("keydown", (event) => {
    if (!does[event.key] || document.querySelector("[role=dialog]")) return;
    event.preventDefault();
    does[event.key](event.target);
  });
  document.addEventListener("click", (event) => {
    const icon = event.target.closest("[data-key], [data-goes]");
    if (!icon) return;
    if (icon.dataset.goes) location.assign(icon.dataset.goes);
    else if (does[icon.dataset.key]) does[icon.dataset.key](event.target);
  });
})();
