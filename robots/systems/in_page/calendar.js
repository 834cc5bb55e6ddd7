// The one open calendar: its month and days, or the element of an arrow (back, on) or of a day in it. A calendar is
// known by what it shows: a month with its year, and under that the month's days. `left` is the month to get away from.
async ([task, day, left, milliseconds]) => {
  /*words*/
  const MONTHS = ['jan', 'feb', 'mar', 'apr', 'maj', 'jun', 'jul', 'aug', 'sep', 'okt', 'nov', 'dec'];
  const numberOf = name => { const n = MONTHS.indexOf(name.slice(0, 3).toLowerCase().replace('may', 'maj').replace('oct', 'okt')); return n; };
  const monthOf = words => {
    let told = words.match(/^([a-zåäö]{3,9})\.?,? (\d{4})$/i) || (words.match(/^(\d{4}),? ([a-zåäö]{3,9})$/i) || []).slice(0, 3);
    if (told.length === 3) {
      const [name, year] = /^\d/.test(told[1]) ? [told[2], told[1]] : [told[1], told[2]];
      return numberOf(name) < 0 ? null : Number(year) * 12 + numberOf(name);
    }
    told = words.match(/^(\d{4})-(\d{2})$/) || [];
    return told.length ? Number(told[1]) * 12 + Number(told[2]) - 1 : null;
  };
  const leaves = box => [...box.querySelectorAll('*')].filter(e => /^\d{1,2}$/.test(norm(e.textContent)) && visible(e)
    && ![...e.children].some(c => norm(c.textContent)));
  const titles = () => [...document.querySelectorAll('body *')].filter(e => visible(e) && e.tagName !== 'OPTION'
    && norm(e.textContent).length < 20 && monthOf(norm(e.innerText ?? e.textContent)) !== null
    && ![...e.children].some(c => monthOf(norm(c.textContent)) !== null));
  // The month's own days: from its first 1 on; what stands before and after belongs to its neighbours.
  const daysOf = box => {
    let found = leaves(box);
    // Eight columns of numbers are a week's number and seven days.
    const columns = [...new Set(found.map(e => Math.round(e.closest('td,[role=gridcell]')?.getBoundingClientRect().left ?? e.getBoundingClientRect().left)))].sort((a, b) => a - b);
    if (columns.length === 8) {
      found = found.filter(e => Math.round(e.closest('td,[role=gridcell]')?.getBoundingClientRect().left ?? e.getBoundingClientRect().left) !== columns[0]);
    }
    const own = [];
    let awaited = 1;
    for (const e of found) if (Number(norm(e.textContent)) === awaited) { own.push(e); awaited++; } else if (awaited > 28) break; else if (awaited > 1) return [];
    return own;
  };
  const calendars = () => titles().map(title => {
    for (let box = title.parentElement; box; box = box.parentElement) {
      const days = daysOf(box);
      if (days.length >= 28) return {title, box, days, month: monthOf(norm(title.innerText ?? title.textContent))};
    }
    return null;
  }).filter(Boolean);
  const closed = e => {
    const cell = e.closest('td,[role=gridcell],button') || e, style = getComputedStyle(e);
    return !!e.closest('[aria-disabled=true],:disabled,.disabled,.ui-state-disabled') || style.pointerEvents === 'none'
      || style.cursor === 'not-allowed' || getComputedStyle(cell).cursor === 'not-allowed';
  };
  const pressable = e => e.matches('button,a,[role=button],[onclick]') || getComputedStyle(e).cursor === 'pointer';
  const arrow = (calendar, ahead) => {
    const first = calendar.days[0];
    const all = [...calendar.box.querySelectorAll('*')].filter(e => visible(e) && pressable(e) && !e.contains(calendar.title)
      && !calendar.title.contains(e) && !e.querySelector('button,a,[role=button],[onclick]') && !e.parentElement.closest('button,a,[role=button],[onclick]')
      && first.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_PRECEDING && !/^\d{1,2}$/.test(norm(e.textContent)));
    const outer = all.filter(e => !all.some(o => o !== e && o.contains(e)));
    const before = outer.filter(e => calendar.title.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_PRECEDING);
    const after = outer.filter(e => calendar.title.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING);
    // ‹ November 2026 ›, or both arrows on one side of it; those for whole years stand further out.
    if (before.length && after.length) return ahead ? after[0] : before[before.length - 1];
    const side = before.length ? before : after;
    return side.length === 2 ? side[ahead ? 1 : 0] : null;
  };
  const deadline = performance.now() + milliseconds;
  for (;;) {
    const open = calendars();
    if (open.length === 1 && open[0].month !== left) {
      const [calendar] = open;
      if (task === 'day') return calendar.days[day - 1] || null;
      if (task !== 'look') return arrow(calendar, task === 'on');
      const length = new Date(Math.floor(calendar.month / 12), calendar.month % 12 + 1, 0).getDate();
      if (calendar.days.length >= length) {
        return {state: 'shown', month: calendar.month, title: norm(calendar.title.innerText),
          days: calendar.days.slice(0, length).map((e, i) => ({day: i + 1, closed: closed(e)}))};
      }
    }
    if (performance.now() > deadline) return task === 'look' ? {state: open.length > 1 ? 'several' : 'late', count: open.length} : null;
    await new Promise(done => setTimeout(done, 10));
  }
}
