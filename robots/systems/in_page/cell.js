// The one cell of a grid in the row that begins with `row`, under the caption `column`.
async ([css, row, column, milliseconds]) => {
  /*words*/
  const CELLS = '[role=gridcell],[role=cell],[role=rowheader],[role=columnheader],td,th';
  const wordsOf = cell => plain(textOf(cell));
  const look = () => {
    const grids = [...document.querySelectorAll(css)].filter(visible);
    if (grids.length > 1) return {state: 'several', rows: [], columns: []};
    if (!grids.length) return {state: 'missing', rows: [], columns: []};
    const rows = [...grids[0].querySelectorAll('[role=row],tr')].filter(visible).map(r => [...r.querySelectorAll(CELLS)]);
    const head = rows.find(cells => cells.length > 1 && cells.slice(1).every(c => c.matches('th,[role=columnheader]'))) || [];
    const places = head.flatMap((c, i) => same(wordsOf(c), column) ? [i] : []);
    const fitting = rows.filter(cells => cells !== head && cells.length && same(wordsOf(cells[0]), row));
    if (fitting.length > 1 || places.length > 1) return {state: 'several', rows: [], columns: []};
    const cell = fitting.length && places.length && fitting[0].length === head.length && fitting[0][places[0]];
    return cell || {state: 'missing', rows: rows.filter(c => c !== head && c.length).map(c => wordsOf(c[0])), columns: head.slice(1).map(wordsOf)};
  };
  const deadline = performance.now() + milliseconds;
  for (;;) {
    const found = look();
    if (found instanceof Element || found.state === 'several' || performance.now() > deadline) return found;
    await new Promise(done => setTimeout(done, 10));
  }
}
