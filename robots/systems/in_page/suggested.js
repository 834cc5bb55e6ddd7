// Wait until the box under a field has answered exactly what stands in the field. Tells what it suggests and its other
// words; with `pick`, gives the one suggestion with these words itself, or the number of them.
async (field, [typed, nothing, boxed, milliseconds, pick]) => {
  /*words*/
  const SETTLED = 100;
  const low = text => norm(text).toLowerCase();
  const named = field.getAttribute('aria-controls') || field.getAttribute('aria-owns');
  const findBox = () => {
    if (boxed) return [...document.querySelectorAll(boxed)].find(visible);
    const bound = named && document.getElementById(named);
    return bound || [...document.querySelectorAll('[role=listbox]')].find(visible);
  };
  const look = () => {
    const box = findBox();
    if (!box || !visible(box)) return {state: 'silent', options: [], words: [], rest: ''};
    let options = [...box.querySelectorAll('[role=option]')];
    if (!options.length) options = [...box.querySelectorAll('li')];
    options = options.filter(visible);
    const others = box.cloneNode(true);
    others.querySelectorAll('[role=option],li').forEach(e => e.remove());
    const told = {state: 'busy', options, words: options.map(o => norm(o.innerText)), rest: norm(others.textContent)};
    if (box.closest('[aria-busy=true]') || box.querySelector('[aria-busy=true]') || field.ariaBusy === 'true') return told;
    if ([...box.querySelectorAll('[role=alert]')].some(visible)) return {...told, state: 'alert'};
    if (low(field.value) !== low(typed)) return told;
    // An answer to an older text shows itself by suggestions without the text that stands in the field now.
    if (options.length && told.words.every(w => low(w).includes(low(typed)))) told.state = 'suggests';
    if (!options.length && nothing && low(told.rest).includes(low(nothing))) told.state = 'nothing';
    told.certain = box.getAttribute('aria-busy') === 'false';
    return told;
  };
  const deadline = performance.now() + milliseconds;
  let before = '', since = 0;
  for (;;) {
    const now = performance.now(), told = look(), shown = JSON.stringify([told.state, told.words, told.rest]);
    if (shown !== before) [before, since] = [shown, now];
    // A page that does not say when it is ready may be filling its list one by one.
    const ready = ['suggests', 'nothing', 'alert'].includes(told.state) && (told.certain || now - since >= SETTLED);
    if (ready || now > deadline) {
      if (pick !== null) {
        const fitting = told.options.filter(o => norm(o.innerText) === pick);
        return ready && fitting.length === 1 ? fitting[0] : fitting.length;
      }
      return {state: ready ? told.state : 'late', words: told.words, rest: told.rest};
    }
    await new Promise(done => setTimeout(done, 20));
  }
}
