// A board's cells with the words over their columns and before their rows, bound together by their places alone.
([cells, columns, rows]) => {
  /*words*/
  const placed = css => [...document.querySelectorAll(css)].filter(visible).map(e => ({e, at: e.getBoundingClientRect()}));
  const heads = placed(columns), edges = placed(rows);
  const one = fitting => fitting.length === 1 ? norm(fitting[0].e.innerText) : null;
  return placed(cells).map(({e, at}) => {
    // A long cell belongs to the time that it begins at.
    const x = (at.left + at.right) / 2, y = at.top + Math.min(at.height / 2, 4);
    return {
      column: one(heads.filter(h => h.at.left <= x && x < h.at.right && h.at.top <= at.top)),
      row: one(edges.filter(h => h.at.top <= y && y < h.at.bottom)),
      words: norm(e.innerText),
    };
  });
}
