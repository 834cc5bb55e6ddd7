// The one entry with these words in the menus that are open, as soon as it is there; or why there is none.
async ([words, menus, milliseconds, lookOnly]) => {
  /*words*/
  const SUB = '[role=menu],menu,ul,ol';
  // An entry's own words: without those of its sub-menu, its short cut and its picture.
  const wordsOf = entry => {
    const copy = entry.cloneNode(true);
    copy.querySelectorAll(`${SUB},kbd,svg,[aria-hidden=true]`).forEach(e => e.remove());
    return norm(copy.textContent).replace(/[\s›▸▶»⯈▾▼…]+$/, '');
  };
  const within = (box, e) => box !== e && box.contains(e);
  const look = () => {
    const boxes = [...document.querySelectorAll(menus)].filter(visible);
    const all = [...new Set(boxes.flatMap(b => [...b.querySelectorAll('*')]))].filter(e => visible(e) && !e.matches(SUB) && !e.matches('kbd,svg,svg *'));
    const fitting = all.filter(e => same(wordsOf(e), words));
    // The innermost box that says it is the entry: a row of a menu, not the words' own <span>.
    const entries = fitting.filter(e => e.matches('[role^=menuitem],a,button'));
    const inner = (entries.length ? entries : fitting).filter((e, _, found) => !found.some(o => within(e, o)));
    return {inner, seen: [...new Set(all.filter(e => ![...e.children].some(c => norm(c.textContent))).map(wordsOf).filter(Boolean))].slice(0, 25)};
  };
  const closed = e => !!e.closest('[aria-disabled=true],:disabled,.disabled,.ui-state-disabled')
    || !!e.querySelector(':scope > [aria-disabled=true],:scope > :disabled')
    || getComputedStyle(e).pointerEvents === 'none' || getComputedStyle(e).cursor === 'not-allowed';
  const deadline = performance.now() + milliseconds;
  for (;;) {
    const {inner, seen} = look();
    if (lookOnly) return {seen};
    if (inner.length > 1) return {state: 'several', count: inner.length};
    if (inner.length === 1 && !closed(inner[0])) return inner[0];
    // An entry that is closed when its menu opens may be opened when the page has found out what may be done.
    if (performance.now() >= deadline) return {state: inner.length ? 'closed' : 'missing'};
    await new Promise(done => setTimeout(done, 10));
  }
}
