// A list of any length in a dozen elements: a row that leaves the view is used over again for one that comes into it.
"use strict";

const ROW = 44, AT_ONCE = 40, PAUSE = 300;

// `path` gives the address of a part of the list for what is sought; `open` is called with the id of a row.
App.list = (view, {path, words, open}) => {
  const grid = App.part("lista", view), box = App.part("rullning", view), tall = App.part("hojd", view);
  const field = view.querySelector("[name=sok]"), parts = new Map(), pool = [];
  let sought = null, total = 0, timer = 0;

  const row = index => (parts.get(Math.floor(index / AT_ONCE)) || [])[index % AT_ONCE];

  const fetchPart = async number => {
    const asked = sought;
    parts.set(number, []);
    const {status, told} = await App.ask(path(asked, number * AT_ONCE));
    if (status !== 200 || asked !== sought) return;
    parts.set(number, told.rader);
    draw();
  };

  const fill = (element, index) => {
    const known = row(index);
    element.hidden = index >= total;
    if (element.hidden) return;
    element.style.transform = `translateY(${index * ROW}px)`;
    element.dataset.id = known ? known.id : "";
    element.setAttribute("aria-busy", known ? "false" : "true");
    element.className = known ? "rad" : "rad hamtas";
    [...element.children].forEach((cell, place) => { cell.textContent = known ? known.celler[place] : ""; });
    if (!known && !parts.has(Math.floor(index / AT_ONCE))) fetchPart(Math.floor(index / AT_ONCE));
  };

  const draw = () => {
    const many = Math.ceil(box.clientHeight / ROW) + 4;
    while (pool.length < many) {
      const element = document.createElement("div");
      element.setAttribute("role", "row");
      for (const _ of grid.querySelectorAll("[role=columnheader]")) {
        const cell = document.createElement("span");
        cell.setAttribute("role", "gridcell");
        element.append(cell);
      }
      element.addEventListener("click", () => element.dataset.id && open(element.dataset.id));
      pool.push(element);
      tall.append(element);
    }
    const first = Math.max(0, Math.floor(box.scrollTop / ROW) - 2);
    for (let index = first; index < first + pool.length; index += 1) fill(pool[index % pool.length], index);
  };

  // Whatever is answered last is shown, also when it was asked first.
  const search = async () => {
    const asked = field.value.trim();
    const {status, told} = await App.ask(path(asked, 0));
    if (status !== 200 || !view.isConnected) return;
    const waiting = App.part("vantar", view);
    if (waiting) waiting.remove();
    sought = told.sok;
    total = told.totalt;
    parts.clear();
    parts.set(0, told.rader);
    tall.style.height = `${total * ROW}px`;
    box.scrollTop = 0;
    grid.hidden = total === 0;
    App.part("tomt", view).hidden = total > 0;
    App.part("sokt", view).textContent = sought;
    const name = total === 1 ? words[0] : words[1], also = told.avslutade ? ", även avslutade" : "";
    App.part("aven", view).textContent = also;
    App.part("antal", view).textContent = total ? `${total} ${name}${sought ? ` för ”${sought}”` : ""}${also}` : "";
    grid.setAttribute("aria-busy", "false");
    draw();
  };

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, PAUSE);
  });
  box.addEventListener("scroll", () => requestAnimationFrame(draw));
  search();
  return search;
};
