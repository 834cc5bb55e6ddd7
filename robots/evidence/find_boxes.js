// The boxes (CSS pixels, within the frame) of text and field values that match a pattern or a known value.
([patterns, known, names]) => {
  const tests = patterns.map(p => new RegExp(p, 'giu'));
  const boxes = [];
  const add = r => { if (r.width && r.height) boxes.push([r.left, r.top, r.width, r.height]); };
  const hits = text => {
    const spans = [];
    for (const test of tests) for (const m of text.matchAll(test)) spans.push([m.index, m[0].length]);
    const low = text.toLowerCase();
    for (const word of known) {
      for (let i = low.indexOf(word); i >= 0; i = low.indexOf(word, i + 1)) spans.push([i, word.length]);
    }
    return spans;
  };
  // A number may stand in several pieces of one line (<b>811118</b>-9802): they are read together, with white space
  // as a person sees it. `places` tells for each character where in the page it is.
  const INLINE = new Set(['A', 'ABBR', 'B', 'BDI', 'CODE', 'EM', 'FONT', 'I', 'LABEL', 'MARK', 'SMALL', 'SPAN', 'STRONG', 'TT', 'U', 'WBR']);
  const block = node => { let e = node.parentElement; while (e && INLINE.has(e.tagName)) e = e.parentElement; return e; };
  let line = '', places = [];
  const read = (node, apart) => {
    if (apart && line && !line.endsWith(' ')) { line += ' '; places.push([node, 0]); }
    for (let i = 0; i < node.length; i++) {
      const space = /\s/.test(node.data[i]);
      if (space && line.endsWith(' ')) continue;
      line += space ? ' ' : node.data[i];
      places.push([node, i]);
    }
  };
  const cover = () => {
    for (const [start, length] of line.trim().length < 3 ? [] : hits(line)) {
      const range = document.createRange();
      range.setStart(...places[start]);
      const [last, offset] = places[start + length - 1];
      range.setEnd(last, offset + 1);
      for (const r of range.getClientRects()) add(r);
    }
    line = '';
    places = [];
  };
  // The page, and what its parts keep to themselves (open shadow roots).
  const roots = [document];
  for (let n = 0; n < roots.length; n++) {
    for (const element of roots[n].querySelectorAll('*')) if (element.shadowRoot) roots.push(element.shadowRoot);
  }
  for (const root of roots) {
    const texts = within => {
      const walk = document.createTreeWalker(within, NodeFilter.SHOW_TEXT), found = [];
      for (let node = walk.nextNode(); node; node = walk.nextNode()) found.push(node);
      return found;
    };
    let within = null;
    for (const node of texts(root === document ? document.body || document.documentElement : root)) {
      const here = block(node);
      if (here !== within) { cover(); within = here; }
      read(node, false);
    }
    cover();
    // A number, or a name, may be spread over the cells of a row.
    for (const row of root.querySelectorAll('tr,[role=row]')) {
      let cell = null;
      for (const node of texts(row)) {
        const here = block(node);
        read(node, cell !== null && here !== cell);
        cell = here;
      }
      cover();
    }
    for (const field of root.querySelectorAll('input, textarea, select')) {
      const shown = field.selectedOptions ? [...field.selectedOptions].map(o => o.text).join(' ') : field.value || field.placeholder || '';
      if (field.type === 'password' || hits(shown).length) add(field.getBoundingClientRect());
    }
    for (const name of names) {
      for (const element of root.querySelectorAll(name)) add(element.getBoundingClientRect());
    }
  }
  return boxes;
}
