// Wait until the page is recognisably a wanted one (it tells which), or the login page; or tell what it is instead.
async ([wanted, login, milliseconds, modals]) => {
  /*words*/
  const headings = () => [...document.querySelectorAll('h1,h2,h3,[role=heading]')].filter(visible).map(e => norm(e.textContent));
  const modal = () => [...document.querySelectorAll('[role=dialog],[role=alertdialog],dialog[open]')]
    .find(d => visible(d) && (d.getAttribute('aria-modal') === 'true' || d.matches('dialog[open]:modal')));
  const deadline = performance.now() + milliseconds;
  for (;;) {
    const seen = headings();
    const covering = modal();
    if (covering) {
      const label = norm(covering.getAttribute('aria-label')
        || (covering.querySelector('h1,h2,h3') || {}).textContent || covering.textContent.slice(0, 80));
      if (!(modals || []).includes(label)) return {state: 'covered', words: label};
    }
    const found = wanted.find(heading => seen.some(h => same(h, heading)));
    if (found) return {state: 'here', words: found};
    if (document.readyState !== 'loading' && document.querySelector('input[type=password]')
        && seen.some(h => same(h, login))) return {state: 'login', words: ''};
    if (performance.now() > deadline) return {state: 'elsewhere', words: seen[0] || document.title};
    await new Promise(done => setTimeout(done, 25));
  }
}
