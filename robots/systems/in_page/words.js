// What a person reads on a page: the words beside a field, in a table, over a form. Shared by all in-page functions.

const norm = text => (text || '').normalize('NFC').replace(/[\s\u00a0\u202f]+/g, ' ').trim();
// A label's own decoration: "Text *", "Text:", "Text (obligatoriskt)".
const plainKnown = new Map();
const plain = text => {
  let known = plainKnown.get(text);
  if (known === undefined) {
    known = norm(text).replace(/\s*(\*|\(obligatoriskt?\))\s*$/i, '').replace(/\s*:\s*$/, '').trim();
    plainKnown.set(text, known);
  }
  return known;
};
const same = (a, b) => plain(a).toLowerCase() === plain(b).toLowerCase();

const visible = element => {
  if (!element.getClientRects().length) return false;
  const style = getComputedStyle(element);
  return style.visibility !== 'hidden' && style.display !== 'none';
};

const CONTROLS = 'input:not([type=hidden]):not([type=submit]):not([type=button]):not([type=image]):not([type=reset]),'
  + 'select,textarea,[contenteditable=""],[contenteditable=true],[role=textbox],[role=combobox]';

// A file input is often hidden behind a drop zone, so it counts even when it is not shown.
const shown = control => control.type === 'file' || visible(control);

// Read where it stands: a copy of a field costs as much as the rest of the look.
const NO_WORDS = 'input,select,textarea,button,script,style,[role=alert],.sr-only-error';
const textOf = element => {
  const walk = document.createTreeWalker(element, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT,
    node => node.nodeType === 1 && node.matches(NO_WORDS) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
  let text = '';
  while (walk.nextNode()) if (walk.currentNode.nodeType === 3) text += walk.currentNode.data;
  return text;
};

// The names that are bound to a control, as a screen reader would say them; worked out once a trip.
const namesKnown = new WeakMap();
const boundNames = control => {
  if (namesKnown.has(control)) return namesKnown.get(control);
  const names = [];
  namesKnown.set(control, names);
  const by = control.getAttribute('aria-labelledby');
  if (by) names.push(by.split(/\s+/).map(id => textOf(document.getElementById(id) || document.createElement('i'))).join(' '));
  if (control.getAttribute('aria-label')) names.push(control.getAttribute('aria-label'));
  for (const label of control.labels || []) names.push(textOf(label));
  if (!names.length && control.title) names.push(control.title);
  if (!names.length && control.placeholder) names.push(control.placeholder);
  return names;
};

// The controls that stand beside unbound words: right after them, in the next cell of the row, or next to them in the
// same box. What stands in another row, or in another box than a control that the words share theirs with, is not theirs.
const besideWords = (label, root) => {
  const found = new Set();
  const controlsIn = box => [...(box.matches(CONTROLS) ? [box] : box.querySelectorAll(CONTROLS))].filter(shown);
  const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    if (!same(node.nodeValue, label)) continue;
    let box = node.parentElement;
    if (!box || !visible(box) || box.closest('legend')) continue;
    let after = node.nextSibling;
    while (after && /^[*:]*$/.test(norm(after.textContent)) && !(after.nodeType === 1 && controlsIn(after).length)) after = after.nextSibling;
    if (after && after.nodeType === 1 && controlsIn(after).length) { controlsIn(after).forEach(c => found.add(c)); continue; }
    for (let level = 0; level < 4 && box && box !== root; level++, box = box.parentElement) {
      if (box.tagName === 'TR' || controlsIn(box).length) break;
      let next = box.nextElementSibling;
      while (next && !next.matches(CONTROLS) && !next.querySelector(CONTROLS) && !norm(next.textContent)) next = next.nextElementSibling;
      if (!next) continue;
      controlsIn(next).forEach(c => found.add(c));
      break;
    }
  }
  return [...found];
};

// The controls that unbound words stand over: in their column of the table, or in the legend of a box with one control.
const underWords = (label, root) => {
  // Cells that reach over several columns push those after them along.
  const place = cell => [...cell.parentElement.cells].slice(0, cell.cellIndex).reduce((sum, c) => sum + c.colSpan, 0);
  const over = control => {
    const cell = control.closest('td'), table = cell && cell.closest('table');
    if (!table) return '';
    for (const row of [...table.rows].slice(0, cell.parentElement.rowIndex).reverse()) {
      const above = [...row.cells].find(c => place(c) === place(cell) && c.colSpan === cell.colSpan);
      if (!above) return '';
      if (!above.querySelector(CONTROLS)) return textOf(above);
      if (norm(textOf(cell.parentElement))) return '';  // a row with words of its own is not one of many under a caption
    }
    return '';
  };
  const legend = control => {
    const box = control.closest('fieldset'), words = box && box.querySelector(':scope > legend');
    return words && [...box.querySelectorAll(CONTROLS)].filter(shown).length === 1 ? textOf(words) : '';
  };
  return [...root.querySelectorAll(CONTROLS)].filter(c => shown(c) && !boundNames(c).length
    && [over(c), legend(c)].some(words => words && same(words, label)));
};

// All controls called `label` inside `root`: bound names first, words beside only where nothing is bound to them.
const controlsCalled = (label, root) => {
  const bound = [...root.querySelectorAll(CONTROLS)].filter(c => boundNames(c).some(n => same(n, label)) && shown(c));
  if (bound.length) return bound;
  const beside = besideWords(label, root);
  return beside.length ? beside : underWords(label, root);
};

// Radio buttons and check boxes that belong to the words of their group (legend, aria-label, words beside).
const optionsCalled = (label, root) => {
  const groups = [...root.querySelectorAll('fieldset,[role=radiogroup],[role=group]')].filter(group => {
    const legend = group.querySelector(':scope > legend');
    const by = group.getAttribute('aria-labelledby');
    const words = group.getAttribute('aria-label') || (legend && textOf(legend))
      || (by && textOf(document.getElementById(by) || document.createElement('i')));
    return words && same(words, label);
  });
  const options = groups.flatMap(g => [...g.querySelectorAll('input[type=radio],input[type=checkbox]')]);
  if (options.length) return options.filter(shown);
  return besideWords(label, root).filter(c => c.type === 'radio' || c.type === 'checkbox');
};

const optionName = option => {
  const bound = boundNames(option)[0];
  if (bound) return bound;
  let words = '';
  for (let next = option.nextSibling; next && !(next.nodeType === 1 && next.matches('input,br')); next = next.nextSibling) {
    words += next.textContent;
  }
  return words;
};

// Captions only: what stands in the cells of a list may be names, and errors are read by many.
const wordsOfFields = root => [...root.querySelectorAll('label,legend,th,dt'),
  ...[...root.querySelectorAll('td')].filter(cell => !cell.querySelector(CONTROLS) && cell.nextElementSibling
    && cell.nextElementSibling.querySelector(CONTROLS))];
const labelsSeen = root => [...new Set(wordsOfFields(root).filter(visible)
  .map(e => plain(textOf(e))).filter(t => t && t.length < 40))].slice(0, 25);

// The one part of the page that `scope` (CSS) means, or the problem with it; without a scope, the whole page.
const rootOf = scope => {
  const found = scope ? document.querySelectorAll(scope) : [document.body];
  return found.length === 1 ? {root: found[0]} : {problem: {kind: found.length ? 'forms' : 'form'}};
};
