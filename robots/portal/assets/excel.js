// The sheet that is about to be sent, and the batch that goes on while one looks.
"use strict";

const sheet = document.getElementById("sheet");
sheet?.addEventListener("submit", (event) => {
  const file = sheet.elements.file.files[0];
  const fault = document.getElementById("fault");
  const tooLarge = file && file.size > Number(sheet.dataset.most);
  fault.textContent = tooLarge ? sheet.dataset.tooLarge : "";
  if (tooLarge) {
    event.preventDefault();
    event.stopPropagation(); // it has not been sent: it may be sent again
    sheet.elements.file.setAttribute("aria-invalid", "true");
    sheet.elements.file.focus();
  } else {
    window.desk.say(sheet.dataset.reading);
    sheet.querySelector("button").textContent = sheet.dataset.reading;
  }
});

const progress = document.getElementById("progress");
const EACH = 1000;

/** Show how far the batch has come; the page is fetched anew when it has ended, with how it went. */
async function follow() {
  if (document.hidden) return void setTimeout(follow, EACH);
  const lost = document.getElementById("lost");
  try {
    const answer = await window.desk.ask(progress.dataset.from, { redirect: "error" });
    if (!answer.ok) throw new Error(String(answer.status));
    const told = await answer.json();
    for (const place of document.querySelectorAll("[data-count]")) place.textContent = told[place.dataset.count];
    const bar = progress.querySelector("progress");
    bar.max = told.total || 1;
    bar.value = told.ended;
    lost.textContent = "";
    if ("laying" in progress.dataset && !told.laying) return location.reload(); // the rows are in the queue, or not
    if (told.left === 0 && !told.laying) {
      sessionStorage.setItem("ended", progress.dataset.from);
      return location.reload();
    }
  } catch {
    lost.textContent = progress.dataset.lost;
  }
  setTimeout(follow, EACH);
}

if (progress && (Number(progress.dataset.left) > 0 || "laying" in progress.dataset)) {
  setTimeout(follow, EACH);
} else if (progress && sessionStorage.getItem("ended") === progress.dataset.from) {
  sessionStorage.removeItem("ended");
  // What stands there when the page is read is not spoken; what comes a moment later is.
  setTimeout(() => window.desk.say(progress.dataset.ended), 100);
}
