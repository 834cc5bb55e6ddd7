// Follow captions down a tree: the element of the last one (caption), what opens it (opener, or that it is open), or
// wait until its children are there (opened).
async ([css, path, what, milliseconds]) => {
  /*words*/
  const NODES = '[role=treeitem],li';
  const TOGGLES = 'button,[role=button],.toggle,.expander,.plus,[onclick],summary';
  const childrenOf = node => [...node.querySelectorAll(NODES)].filter(c => visible(c) && (c.parentElement.closest(NODES) || css) === (node.matches(NODES) ? node : css));
  const rootsOf = tree => [...tree.querySelectorAll(NODES)].filter(n => visible(n) && !(n.parentElement.closest(NODES) && tree.contains(n.parentElement.closest(NODES))));
  const captionOf = node => {
    const copy = node.cloneNode(true);
    copy.querySelectorAll(`${NODES},[role=group],ul,ol`).forEach(e => e.remove());
    // Signs that stand for an open or a closed branch are no words.
    return norm(copy.textContent).replace(/^[+\-−▸▾▶▼►⊞⊟\s]+/, '');
  };
  const words = node => [...node.querySelectorAll('*')].filter(e => e.closest(NODES) === node && visible(e)
    && same(norm(e.innerText).replace(/^[+\-−▸▾▶▼►⊞⊟\s]+/, ''), captionOf(node)) && !e.querySelector(NODES) && !e.matches('ul,ol,[role=group]')).pop() || node;
  const deadline = performance.now() + milliseconds;
  let told;
  for (;;) {
    const trees = [...document.querySelectorAll(css)].filter(visible);
    if (trees.length > 1) return {state: 'several', count: trees.length, words: css};
    told = {state: 'missing', words: path[0], seen: []};
    let node = null, among = trees.length ? rootsOf(trees[0]) : [];
    for (const caption of path) {
      const fitting = among.filter(n => same(captionOf(n), caption));
      if (fitting.length > 1) return {state: 'several', count: fitting.length, words: caption};
      told = {state: 'missing', words: caption, seen: among.map(captionOf).slice(0, 25)};
      node = fitting[0];
      if (!node) break;
      among = childrenOf(node);
    }
    const busy = node && (node.getAttribute('aria-busy') === 'true' || !!node.querySelector('[aria-busy=true]'));
    if (node && what === 'caption') return words(node);
    if (node && (node.getAttribute('aria-expanded') === 'true' || among.length) && among.length && !busy) return {state: 'open'};
    if (node && what === 'opener' && !busy && node.getAttribute('aria-expanded') !== 'true') {
      const toggles = [...node.querySelectorAll(TOGGLES)].filter(e => visible(e) && e.closest(NODES) === node);
      return toggles[0] || words(node);
    }
    if (performance.now() > deadline) return node ? {state: 'late'} : told;
    if (node && what === 'opener') return {state: 'opening'};
    await new Promise(done => setTimeout(done, 10));
  }
}
