// The form that a button sends; the box or the page round it, where it stands in none or in one without fields.
button => {
  /*words*/
  const near = button.form || button.closest('form,dialog,[role=dialog],[role=form]');
  return near && [...near.querySelectorAll(CONTROLS)].some(shown) ? near : button.ownerDocument.body;
}
