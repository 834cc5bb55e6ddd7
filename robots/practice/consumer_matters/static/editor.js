// The letter's editor: a frame whose page is made when the page round it is there. It keeps a copy of its own of what
// has been typed, and it is the copy that is sent.
(function () {
  "use strict";
  const form = document.querySelector("[data-letter]");
  const frame = form.querySelector("iframe");
  const choice = form.querySelector("[data-template]");
  let page = null;
  let copy = "";

  async function use(key) {
    const html = await (await fetch(form.dataset.letter + key)).text();
    page.body.innerHTML = html;
    copy = html;
  }

  function make() {
    page = frame.contentDocument;
    page.open();
    page.write("<!doctype html><html lang=sv><head><style>body{font:11pt Calibri,Carlito,sans-serif;margin:12px;min-height:200px}"
      + "p{margin:0 0 8px}</style></head><body contenteditable=true></body></html>");
    page.close();
    page.body.addEventListener("input", () => { copy = page.body.innerHTML; });
    page.addEventListener("keydown", (event) => {
      if (event.key === "Enter") page.execCommand("defaultParagraphSeparator", false, "p");
    });
    use(choice.value);
  }

  choice.addEventListener("change", () => use(choice.value));
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-command]");
    if (button) { page.execCommand(button.dataset.command); copy = page.body.innerHTML; }
  });
  form.addEventListener("submit", () => { form.querySelector("[name=brevtext]").value = copy; });
  setTimeout(make, 200);
})();
