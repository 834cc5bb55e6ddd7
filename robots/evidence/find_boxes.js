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
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    if (node.nodeValue.trim().length < 3) continue;
    for (const [start, length] of hits(node.nodeValue)) {
      const range = document.createRange();
      range.setStart(node, start); range.setEnd(node, start + length);
      for (const r of range.getClientRects()) add(r);
    }
  }
  for (const field of document.querySelectorAll('input, textarea, select')) {
    if (field.type === 'password' || hits(field.value || '').length) add(field.getBoundingClientRect());
  }
  for (const name of names) {
    for (const element of document.querySelectorAll(name)) add(element.getBoundingClientRect());
  }
  return boxes;
}
