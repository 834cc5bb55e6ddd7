// The template of a kind of letter is fetched when the kind is chosen, and takes the place of whatever stands there.
(function () {
  "use strict";
  const form = document.getElementById("brevet");
  if (!form) return;
  const state = document.getElementById("laget");
  const kind = form.elements.brevtyp;

  async function fetchTemplate() {
    if (!kind.value) { state.textContent = "Ingen mall är inlagd."; return; }
    const chosen = kind.value;
    state.textContent = "Hämtar mallen…";
    const answer = await fetch(form.dataset.mall + "?typ=" + encodeURIComponent(chosen));
    if (answer.redirected) { location.assign(answer.url); return; }
    const told = await answer.json();
    // The letter server is a slow one.
    setTimeout(() => {
      if (kind.value !== chosen) return;
      form.elements.brevtext.value = told.text;
      form.elements.svar_senast.value = told.svar_senast;
      state.textContent = "Mallen för " + chosen.toLowerCase() + " är inlagd.";
    }, 300);
  }

  kind.addEventListener("change", fetchTemplate);
  state.textContent = kind.value ? "Texten är din egen." : "Ingen mall är inlagd.";
})();
