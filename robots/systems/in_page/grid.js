// Wait until a list has been filled: its rows, the page's own words that there are none, or what it says instead.
// `before` is what stood in the list before it was asked: while any of that is left, the list has not answered.
async ([css, absent, total, before, milliseconds]) => {
  /*words*/
  const rowsOf = /*table*/;
  const count = list => {
    const told = total && norm(list.innerText).match(new RegExp(total));
    return told ? Number(told[1].replace(/\D/g, '')) : null;
  };
  const look = () => {
    const lists = [...document.querySelectorAll(css)].filter(visible);
    if (!lists.length) {
      return {state: [...document.querySelectorAll('input[type=password]')].some(visible) ? 'login' : 'missing'};
    }
    if (lists.length > 1) return {state: 'several', count: lists.length};
    const list = lists[0];
    if (before.some(node => node.isConnected)) return {state: 'filling'};
    if (list.getAttribute('aria-busy') === 'true') return {state: 'filling'};
    const alert = [...list.querySelectorAll('[role=alert]')].find(visible);
    if (alert) return {state: 'said', words: norm(alert.innerText)};
    const none = [...list.querySelectorAll('*')].some(e => visible(e) && norm(e.textContent) === absent);
    const tables = [...list.querySelectorAll('table')].filter(visible);
    const rows = tables.length === 1 ? rowsOf(tables[0]) : [];
    if (none && rows.length) return {state: 'both'};
    if (none) return {state: 'absent'};
    if (tables.length > 1) return {state: 'several', count: tables.length};
    return rows.length ? {state: 'rows', rows, total: count(list)} : {state: 'filling'};
  };
  const waiting = ['filling', 'missing', 'both'];
  const deadline = performance.now() + milliseconds;
  for (;;) {
    const seen = look();
    if (!waiting.includes(seen.state) || performance.now() > deadline) return seen;
    await new Promise(done => setTimeout(done, 15));
  }
}
