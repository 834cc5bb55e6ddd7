// Read a list that renders only what is in view, by scrolling through it; or scroll to the row at a place.
// A row's place is its number (aria-rowindex) or where it lies in the list's whole height: elements are used over again.
async ({css, row, absent, total, end, milliseconds, task, place}) => {
  /*words*/
  const TURN = 15, SETTLED = 300, STALE = 500;
  const pause = () => new Promise(done => setTimeout(done, TURN));
  const boxes = () => [...document.querySelectorAll(css)].filter(visible);
  const says = words => words && norm(document.body.innerText).includes(words);
  const told = () => {
    const found = total && norm(document.body.innerText).match(new RegExp(total));
    return found ? Number(found[1].replace(/\D/g, '')) : null;
  };
  const heads = box => {
    const around = box.closest('[role=grid],[role=table],table') || box.parentElement;
    return [...around.querySelectorAll('[role=columnheader],th')].map(h => plain(h.innerText));
  };
  const busy = box => box.getAttribute('aria-busy') === 'true' || !!box.querySelector('[aria-busy=true]');
  const cellsOf = (element, captions) => {
    let cells = [...element.querySelectorAll('[role=gridcell],[role=cell],[role=rowheader],td')];
    if (!cells.length) cells = [...element.children].length > 1 ? [...element.children] : [element];
    return Object.fromEntries(cells.map((c, i) => [captions.length === cells.length ? captions[i] : String(i + 1), norm(c.innerText)]));
  };
  // Where each rendered row lies in the list's whole height: what a person would see if it were as tall as it says.
  const rendered = box => {
    const top = box.getBoundingClientRect().top + box.clientTop - box.scrollTop;
    const inner = [...box.querySelectorAll(row)].filter(e => visible(e) && !e.querySelector('[role=columnheader],th'));
    return inner.filter(e => !inner.some(other => other !== e && other.contains(e))).map(e => {
      const shape = e.getBoundingClientRect();
      return {element: e, top: shape.top - top, bottom: shape.bottom - top, number: Number(e.getAttribute('aria-rowindex')) || 0,
        text: norm(e.innerText), busy: e.getAttribute('aria-busy') === 'true'};
    }).filter(r => r.text && !r.busy).sort((a, b) => a.top - b.top);
  };
  let box;
  const begun = performance.now();
  for (;;) {
    const found = boxes();
    if (found.length > 1) return {state: 'several', count: found.length};
    box = found[0];
    const none = says(absent), some = box && !busy(box) && rendered(box).length;
    if (some && !none) break;
    if (none && !some && !(box && busy(box))) return {state: 'absent'};
    if (performance.now() - begun > milliseconds) return {state: none && some ? 'both' : 'late', count: 0};
    await pause();
  }
  if (task === 'reach') {
    box.scrollTop = Math.max(0, place - box.clientHeight / 3);
    let same = 0, before = '';
    for (const until = performance.now() + milliseconds; performance.now() < until;) {
      await pause();
      const here = rendered(box).find(r => Math.abs(r.top - place) < 2);
      same = here && !busy(box) && here.text === before ? same + 1 : 0;
      before = here ? here.text : '';
      if (same >= 2) return {state: 'there'};
    }
    return {state: 'late', count: 0};
  }
  const captions = heads(box), known = new Map();
  const keyOf = r => r.number ? `n${r.number}` : `p${Math.round(r.top / 2)}`;
  const spot = r => known.has(keyOf(r)) || r.number ? keyOf(r)
    : [1, -1].map(d => `p${Math.round(r.top / 2) + d}`).find(k => known.has(k)) || keyOf(r);
  box.scrollTop = 0;
  // An element that has come to a new place with the words that it had at its old one has not got its new ones yet,
  // unless they stay: then two rows say the same.
  const moved = new WeakMap();
  const stale = (r, key, now) => {
    const known = moved.get(r.element);
    if (!known || known.key !== key) moved.set(r.element, {key, was: known && known.text, text: r.text, since: now});
    else known.text = r.text;
    const {was, since} = moved.get(r.element);
    return was === r.text && now - since < STALE;
  };
  // `edge` is how far down the list is known without a gap; the next look begins where that ends.
  let edge = null, before = new Map(), progressed = performance.now(), still = performance.now(), tall = -1;
  for (;;) {
    await pause();
    const rows = rendered(box), now = performance.now(), calm = !busy(box), seen = new Map();
    for (const r of rows) {
      const key = spot(r);
      seen.set(key, r.text);
      // A row that is being used over again may still have its old words; those that stay are its own.
      if (stale(r, key, now) || !calm || before.get(key) !== r.text) continue;
      const old = known.get(key);
      if (old && old.text === r.text) continue;
      const links = Object.fromEntries([...r.element.querySelectorAll('a[href]')].map(a => [norm(a.textContent) || a.title, a.href]));
      known.set(key, {place: r.top, bottom: r.bottom, text: r.text, cells: cellsOf(r.element, captions), links});
    }
    before = seen;
    const all = [...known.values()].sort((a, b) => a.place - b.place);
    let reach = edge;
    for (const r of all) {
      if (reach === null || (r.place <= reach + 3 && r.bottom > reach)) reach = r.bottom;
    }
    if (reach !== edge) { edge = reach; progressed = now; }
    if (box.scrollHeight !== tall || !calm) { tall = box.scrollHeight; still = now; }
    // A border or a footer may lie below the last row.
    const atEnd = edge !== null && box.scrollTop + box.clientHeight >= box.scrollHeight - 2
      && !rows.some(r => r.top > edge + 3) && rows.length && Math.max(...rows.map(r => r.bottom)) <= edge + 1;
    const number = told();
    const whole = total ? number !== null && all.length >= number && atEnd : end ? atEnd && says(end) : atEnd && now - still > SETTLED;
    if (whole) return {state: 'rows', rows: all, total: number};
    if (now - progressed > milliseconds) {
      return total && number !== null && atEnd ? {state: 'rows', rows: all, total: number} : {state: 'late', count: all.length};
    }
    if (edge !== null) {
      const wanted = Math.min(Math.max(0, edge - box.clientHeight / 4), box.scrollHeight - box.clientHeight);
      if (Math.abs(box.scrollTop - wanted) > 1) box.scrollTop = wanted;
    }
  }
}
