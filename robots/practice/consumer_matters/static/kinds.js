// The second list has what belongs to the choice in the first; it is made anew a moment after each choice.
(function () {
  "use strict";
  const kinds = JSON.parse(document.querySelector("[data-kinds]").textContent);
  const inner = document.querySelector("[data-of]");
  const outer = document.querySelector("[name=" + inner.dataset.of + "]");

  function fill(chosen) {
    const details = kinds[outer.value] || [];
    inner.replaceChildren(new Option(details.length ? "Välj…" : "Välj ärendetyp först", ""));
    details.forEach((detail) => inner.add(new Option(detail, detail, false, detail === chosen)));
  }

  outer.addEventListener("change", () => {
    inner.replaceChildren(new Option("Hämtar…", ""));
    setTimeout(fill, 120);
  });
  fill(inner.dataset.chosen);
})();
