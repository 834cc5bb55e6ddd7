// The words by which the page says that somebody's identity is protected, "" where it does not. A sentence says it: a
// caption does not, and neither does a row of a list, which may be about others.
const protectedIn = (pages, words) => {
  const ends = words.map(norm);
  const says = sentence => ends.some(e => sentence === e || sentence.endsWith(' har ' + e));
  const rough = /skydd|sekretessmark/i;
  for (const page of pages) {
    const roots = page.body ? [page.body] : [];
    for (let i = 0; i < roots.length; i++) {
      const walk = document.createTreeWalker(roots[i], NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
      for (let node = walk.nextNode(); node; node = walk.nextNode()) {
        if (node.nodeType === 1) { if (node.shadowRoot) roots.push(node.shadowRoot); continue; }
        if (!rough.test(node.data)) continue;
        let box = node.parentElement || node.parentNode.host;
        while (/^(A|ABBR|B|EM|FONT|I|MARK|SMALL|SPAN|STRONG|U)$/.test(box.tagName) && box.parentElement) box = box.parentElement;
        if (box.closest('script,style,template,option,label,th,dt,legend,caption,button,nav,[role=columnheader],[role=rowheader]')) continue;
        const row = box.closest('tr,[role=row]');
        if (row && row.children.length > 2) continue;
        if (row && row.children.length === 2 && row.firstElementChild.contains(box)) continue;
        const whole = norm(box.textContent), text = whole.length < 400 ? whole : norm(node.data);
        const said = text.toLowerCase().split(/[.!?;:•|]+/).map(s => s.trim()).find(says);
        if (said !== undefined && visible(box)) return said;
      }
    }
  }
  return '';
};
