// What all visible elements of a kind say, as a person reads it.
css => {
  /*words*/
  return [...document.querySelectorAll(css)].filter(visible).map(e => norm(e.innerText));
}
