// What a page is made of, as a person reads it: headings, fields, buttons, captions of columns, links; through shadow
// roots, in the page's own order. Rows of data are left out, since they are never the same, and passing messages.
// `texts` are words that are looked for as they stand; those that no visible element says are told as `lacking`.
texts => {
  /*words*/
  const HEADINGS = 'h1,h2,h3,h4,[role=heading]';
  const BUTTONS = 'button,input[type=submit],input[type=button],input[type=image],input[type=reset],[role=button],[role=tab],[role=menuitem]';
  const LINKS = 'a[href],[role=link]';
  const COLUMNS = 'th,[role=columnheader]';

  const roots = root => [root, ...[...root.querySelectorAll('*')].filter(e => e.shadowRoot).flatMap(e => roots(e.shadowRoot))];
  const within = function* (root) {
    for (const element of root.querySelectorAll('*')) {
      yield [element, root];
      if (element.shadowRoot) yield* within(element.shadowRoot);
    }
  };
  const isCaption = cell => cell.getAttribute('role') === 'columnheader'
    || (cell.parentElement.cells || []).length > 1 && [...cell.parentElement.cells].every(c => c.tagName === 'TH');
  // A table whose first row is captions, or a grid by its roles, has data below them.
  const inData = element => {
    if (element.closest('article,[role=article],[role=gridcell]')) return true;
    const cell = element.closest('td'), table = cell && cell.closest('table');
    return !!table && [...table.querySelectorAll('th')].some(h => h.closest('table') === table && isCaption(h));
  };
  const nameOf = element => [element.getAttribute('aria-label'), element.innerText, element.value, element.alt,
    ...[...element.querySelectorAll('img[alt]')].map(i => i.alt), element.title].map(norm).find(Boolean) || '';
  const starred = words => /(\*|\(obligatoriskt?\))\s*:?\s*$/i.test(norm(words));

  // What a driver would call a field by. The words that lead to it are looked for round it, not in the whole page, which
  // may have thousands of rows.
  const LEVELS = 6, NEAR = 15;
  const around = (control, root) => {
    let box = control.parentElement;
    for (let level = 1; level < LEVELS && box && box.parentElement && box !== root; level++) box = box.parentElement;
    return box || root;
  };
  const wordsBefore = (control, box) => {
    const found = [], walk = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      if (!(node.compareDocumentPosition(control) & Node.DOCUMENT_POSITION_FOLLOWING)) break;
      if (norm(node.nodeValue)) found.push(norm(node.nodeValue));
    }
    return found.reverse().slice(0, NEAR);
  };
  const wordsOver = control => {
    const table = control.closest('table'), fieldset = control.closest('fieldset');
    const legend = fieldset && fieldset.querySelector(':scope > legend');
    const cells = table ? [...table.rows].slice(0, control.closest('tr').rowIndex).flatMap(r => [...r.cells]) : [];
    return [...(legend ? [legend] : []), ...cells.slice(0, 2 * NEAR)].map(textOf).map(norm).filter(words => words.length < 60);
  };
  const isOption = control => control.type === 'radio' || control.type === 'checkbox';
  const legendOf = group => {
    const legend = group && group.querySelector(':scope > legend');
    return group ? group.getAttribute('aria-label') || (legend ? textOf(legend) : '') : '';
  };
  const fieldWords = (control, root) => {
    const box = around(control, root), before = wordsBefore(control, box);
    if (control.type === 'radio') {
      const asked = legendOf(control.closest('fieldset,[role=radiogroup],[role=group]'))
        || before.find(words => optionsCalled(words, box).includes(control));
      if (asked) return asked;
    }
    // A title or an example inside the field names it only where no other words do.
    const bound = boundNames(control)[0] || '';
    if (bound && ((control.labels || []).length || control.matches('[aria-label],[aria-labelledby]'))) return bound;
    const leads = words => plain(words) && (isOption(control) && optionsCalled(words, box).includes(control)
      || besideWords(words, box).includes(control) || underWords(words, box).includes(control));
    return before.find(leads) || bound || (isOption(control) ? optionName(control) : '') || wordsOver(control).find(leads) || '';
  };
  const kindOf = control => {
    if (control.matches('select,[role=combobox]')) return 'list';
    if (control.matches('textarea,[contenteditable]')) return 'long text';
    return {checkbox: 'tick', radio: 'choice', date: 'date', file: 'file', password: 'password'}[control.type] || 'text';
  };
  const demanded = (control, words) => {
    if (control.required || control.getAttribute('aria-required') === 'true' || starred(words)) return true;
    const beside = control.previousElementSibling || (control.closest('td') || control).previousElementSibling;
    return !!beside && same(textOf(beside), words) && starred(textOf(beside));
  };

  const PASSING = '[role=status],[role=alert],[role=log],output';
  const parts = [], choices = new Set();
  const add = (sort, words, more) => { if (plain(words)) parts.push({sort, name: plain(words), ...more}); };
  for (const [element, root] of document.body ? within(document.body) : []) {
    if (element.closest(PASSING)) continue;
    if (element.matches(CONTROLS + ',input[type=file]')) {
      if (!shown(element) || element.matches(BUTTONS)) continue;
      const words = fieldWords(element, root), hint = element.getAttribute('name') || '';
      if (element.type === 'radio') {
        const choice = `${hint} ${plain(words)}`;
        if (choices.has(choice)) continue;
        choices.add(choice);
      }
      add('field', words || '(utan namn)', {kind: kindOf(element), hint, demanded: demanded(element, words)});
    } else if (element.matches(HEADINGS)) {
      if (visible(element)) add('heading', element.innerText || element.textContent);
    } else if (element.matches(COLUMNS)) {
      if (visible(element) && isCaption(element)) add('column', norm(element.innerText).replace(/[\s▲▼↑↓]+$/, ''));
    } else if (element.matches(BUTTONS)) {
      if (visible(element) && !inData(element)) add('button', nameOf(element), {hint: element.getAttribute('name') || ''});
    } else if (element.matches(LINKS)) {
      if (visible(element) && !inData(element)) add('link', nameOf(element));
    }
  }
  const everywhere = document.body ? roots(document.body) : [];
  const says = words => everywhere.some(root => norm(root.textContent).includes(words)
    && [...root.querySelectorAll('*')].some(e => visible(e) && norm(e.textContent) === words));
  const busy = document.readyState !== 'complete' || everywhere.some(root => [...root.querySelectorAll('[aria-busy=true]')].some(visible));
  return {parts, busy, lacking: texts.filter(words => !says(norm(words)))};
}
