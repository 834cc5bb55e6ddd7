// The rows of the one table that has all these column captions: texts by caption, and the address of every link.
(table) => {
  /*words*/
  const rows = [...table.rows].filter(r => r.closest('table') === table);
  const head = rows.find(r => r.querySelector('th') && r.cells.length > 1) || rows[0];
  const captions = [...head.cells].map(c => plain(c.textContent));
  return rows.slice(rows.indexOf(head) + 1).filter(r => r.cells.length === captions.length).map(r => ({
    cells: Object.fromEntries([...r.cells].map((c, i) => [captions[i], norm(c.innerText)])),
    links: Object.fromEntries([...r.querySelectorAll('a[href]')].map(a => [norm(a.textContent) || a.title, a.href])),
  }));
}
