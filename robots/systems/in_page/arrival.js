// Wait until the page is recognisably a wanted one (it tells which), or the login page; or tell what it is instead.
async ([wanted, login, milliseconds, modals, protections]) => {
  /*words*/
  /*protection*/
  // A page that is a frameset has no headings of its own; those of its frames are what it shows.
  const shownIn = page => page.body && page.body.tagName === 'FRAMESET'
    ? [...page.querySelectorAll('frame')].filter(f => f.contentDocument).flatMap(f => shownIn(f.contentDocument)) : [page];
  const all = css => shownIn(document).flatMap(page => [...page.querySelectorAll(css)]);
  const headings = () => all('h1,h2,h3,[role=heading]').filter(visible).map(e => norm(e.textContent));
  // A box in the page round a frame covers the frame as well; the box that the frame itself lies in is an own one.
  const pages = () => {
    const found = [];
    for (let w = window; ; w = w.parent) {
      try { found.push(w.document); } catch (elsewhere) { return found; }
      if (w === w.parent) return found;
    }
  };
  const boxes = () => [...new Set([...pages(), ...shownIn(document)])].flatMap(page => [...page.querySelectorAll('[role=dialog],[role=alertdialog],dialog[open]')])
    .filter(d => visible(d) && (d.getAttribute('aria-modal') === 'true' || d.matches('dialog[open]:modal')));
  const nameOf = box => norm(box.getAttribute('aria-label')
    || (box.querySelector('h1,h2,h3') || {}).textContent || box.textContent.slice(0, 80));
  const deadline = performance.now() + milliseconds;
  for (;;) {
    const seen = headings();
    const covering = boxes().map(nameOf).find(name => !(modals || []).includes(name));
    if (covering !== undefined) return {state: 'covered', words: covering};
    const found = wanted.find(heading => seen.some(h => same(h, heading)));
    if (found) return {state: 'here', words: found, protected: protections ? protectedIn(shownIn(document), protections) : ''};
    if (document.readyState !== 'loading' && all('input[type=password]').length
        && seen.some(h => same(h, login))) return {state: 'login', words: ''};
    if (performance.now() > deadline) return {state: 'elsewhere', words: seen[0] || document.title};
    await new Promise(done => setTimeout(done, 8));
  }
}
