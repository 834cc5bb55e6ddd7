// The one control called `label`, or the number of controls that are.
([label, scope]) => {
  /*words*/
  const controls = controlsCalled(label, scope ? document.querySelector(scope) : document.body);
  return controls.length === 1 ? controls[0] : controls.length;
}
