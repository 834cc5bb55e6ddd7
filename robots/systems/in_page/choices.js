// A list of which several are chosen. With `values`: the place of the first choice that is not as wanted, or that all
// are. Without: the choice at `place`; or, for -1 - place, wait until that choice has been turned over since last asked.
async ([css, values, place, milliseconds]) => {
  /*words*/
  const KEY = Symbol.for('ragnhild.choices');
  const optionsOf = box => {
    const found = [...box.querySelectorAll('[role=option],option')].filter(visible);
    return found.length ? found : [...box.querySelectorAll('li,label')].filter(e => visible(e) && !e.querySelector('li,label'));
  };
  const chosen = o => {
    const tick = o.querySelector('input[type=checkbox]');
    if (tick) return tick.checked;
    return o.selected || ['aria-selected', 'aria-checked'].some(a => o.getAttribute(a) === 'true') || o.matches('.selected,.checked');
  };
  const deadline = performance.now() + milliseconds;
  for (;;) {
    const boxes = [...document.querySelectorAll(css)].filter(visible);
    const options = boxes.length === 1 ? optionsOf(boxes[0]) : [];
    const wordsOf = o => norm(o.innerText);
    if (!values && place >= 0) {
      window[KEY] = {words: options[place] && wordsOf(options[place]), was: options[place] && chosen(options[place])};
      return options[place] || null;
    }
    if (!values) {
      const same = options.find(o => wordsOf(o) === window[KEY].words);
      if (same && chosen(same) !== window[KEY].was) return true;
      if (performance.now() > deadline) return false;
    } else if (boxes.length > 1) {
      return {state: 'several', count: boxes.length, words: css};
    } else if (options.length) {
      const seen = options.map(wordsOf);
      const odd = values.find(v => seen.filter(w => same(w, v)).length !== 1);
      if (odd !== undefined && seen.some(w => same(w, odd))) return {state: 'several', words: odd, count: seen.filter(w => same(w, odd)).length};
      if (odd === undefined) {
        const wrong = options.findIndex(o => chosen(o) !== values.some(v => same(wordsOf(o), v)));
        if (wrong < 0) return {state: 'chosen'};
        if (options[wrong].closest('[aria-disabled=true],:disabled')) return {state: 'closed', words: seen[wrong]};
        return {state: 'differs', place: wrong};
      }
      if (performance.now() > deadline) return {state: 'option', words: odd, seen};
    }
    if (values && !options.length && performance.now() >= deadline) return {state: 'missing'};
    await new Promise(done => setTimeout(done, 10));
  }
}
