// Saves each field by itself a while after it was changed. The clock in the page's head comes later still, and stays
// when the next field is changed: it tells when something was last saved, not that everything is.
(function () {
  "use strict";
  const QUIET = 400, CLOCK_LATER = 700;
  const form = document.querySelector("[data-spara]");
  const state = document.getElementById("laget");
  const clock = document.getElementById("klocka");
  const waiting = new Map();
  let timer = 0, busy = false, broken = false;

  function tell() {
    if (broken) return;
    state.textContent = waiting.size ? "Sparar…" : "Alla uppgifter är sparade.";
  }

  function receipt(name, words) {
    const control = [...form.querySelectorAll("input, select")].find(c => c.name === name);
    control.closest(".falt").querySelector(".kvitto").textContent = words;
  }

  function changed(event) {
    const control = event.target;
    if (control.type === "radio" && !control.checked) return;
    waiting.set(control.name, control.value);
    receipt(control.name, "");
    tell();
    clearTimeout(timer);
    timer = setTimeout(save, QUIET);
  }

  function fail(words) {
    broken = true;
    state.setAttribute("role", "alert");
    state.textContent = words;
  }

  async function saveOne(name, value) {
    const answer = await fetch(form.dataset.spara, {method: "POST", body: new URLSearchParams({falt: name, varde: value})});
    if (answer.redirected) { location.assign(answer.url); return false; }
    if (!answer.ok) return false;
    const told = await answer.json();
    if (waiting.get(name) === value) { waiting.delete(name); receipt(name, "sparad"); }
    setTimeout(() => { clock.textContent = "Sparat " + told.sparat; }, CLOCK_LATER);
    return true;
  }

  async function save() {
    if (busy || broken) return;
    busy = true;
    try {
      while (waiting.size) {
        const [name, value] = waiting.entries().next().value;
        if (!await saveOne(name, value)) { fail("Uppgifterna kunde inte sparas. Ladda om sidan."); break; }
      }
    } catch (lost) {
      fail("Uppgifterna kunde inte sparas. Ladda om sidan.");
    }
    busy = false;
    tell();
  }

  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  tell();
})();
