// The free times of the week come after the page.
(function () {
  "use strict";
  const list = document.getElementById("tidlista");
  if (!list) return;
  fetch(list.dataset.rader).then(async answer => {
    if (answer.redirected) { location.assign(answer.url); return; }
    list.innerHTML = await answer.text();
  }).catch(() => { list.textContent = "Tiderna kunde inte hämtas. Ladda om sidan."; });
})();
