// What is called `name` in the one row or card with the text `words`, as soon as it is there; or why there is none.
async ([words, name, rows, milliseconds]) => {
  /*words*/
  const NAMED = 'button,a,input[type=submit],input[type=button],input[type=image],[role=button],[role=link],[onclick],[title],img[alt],[aria-label]';
  const pressable = e => e.matches('button,a,input,[role=button],[role=link],[onclick]') || getComputedStyle(e).cursor === 'pointer';
  const namesOf = e => [e.getAttribute('aria-label'), norm(e.innerText), e.value, e.title, e.alt,
    ...[...e.querySelectorAll('img[alt],[title]')].map(i => i.alt || i.title)].map(plain).filter(Boolean);
  // A cross or an arrow is no word for a person to be told.
  const nameOf = e => namesOf(e).find(name => /[a-zåäö0-9]/i.test(name)) || '';
  const says = row => [row, ...row.querySelectorAll('*')].some(e => visible(e) && norm(e.innerText) === norm(words) && !e.matches(NAMED + ':not(a)'));
  const look = () => {
    const fitting = [...document.querySelectorAll(rows)].filter(r => visible(r) && says(r));
    const inner = fitting.filter(r => !fitting.some(o => o !== r && r.contains(o)));
    if (inner.length !== 1) return {state: inner.length ? 'rows' : 'row', count: inner.length};
    const all = [...inner[0].querySelectorAll('*')].filter(e => visible(e) && pressable(e) && nameOf(e));
    const called = all.filter(e => namesOf(e).some(n => same(n, name)));
    const outer = called.filter(e => !called.some(o => o !== e && o.contains(e)));
    if (outer.length !== 1) return {state: outer.length ? 'several' : 'name', count: outer.length, seen: [...new Set(all.map(nameOf))]};
    return outer[0];
  };
  const deadline = performance.now() + milliseconds;
  for (;;) {
    const found = look();
    if (found instanceof Element || found.state === 'rows' || found.state === 'several' || performance.now() > deadline) return found;
    await new Promise(done => setTimeout(done, 10));
  }
}
