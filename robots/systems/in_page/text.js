// What the element says, as a person reads it.
(element) => {
  /*words*/
  return norm(element.innerText);
}
