// Each card's name, its lines, as a person reads them, and the address of every link in it.
css => {
  /*words*/
  return [...document.querySelectorAll(css)].map(card => ({
    name: norm(card.getAttribute('aria-label')),
    lines: card.innerText.split('\n').map(norm).filter(Boolean),
    links: Object.fromEntries([...card.querySelectorAll('a[href]')].map(a => [norm(a.textContent) || a.title, a.href])),
  }));
}
