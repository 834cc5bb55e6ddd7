// Captions and values of definition lists and two-column tables below the element: {caption: value}; a caption that
// stands twice with different values is told as an array.
(root) => {
  /*words*/
  const found = {};
  const add = (caption, value) => {
    const name = plain(caption), text = norm(value);
    if (!name) return;
    if (!(name in found)) found[name] = text;
    else if (found[name] !== text) found[name] = [].concat(found[name], text);
  };
  for (const term of root.querySelectorAll('dt')) {
    let value = term.nextElementSibling;
    if (value && value.tagName === 'DD') add(term.textContent, value.innerText);
  }
  for (const row of root.querySelectorAll('tr')) {
    const cells = [...row.cells];
    if (cells.length === 2 && !cells[1].querySelector('table')) add(cells[0].textContent, cells[1].innerText);
  }
  return found;
}
