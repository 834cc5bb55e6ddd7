// The one control called `label`, or the problem with finding it.
([label, scope]) => {
  /*words*/
  const {root, problem} = rootOf(scope);
  if (!root) return problem;
  const controls = controlsCalled(label, root);
  if (controls.length === 1) return controls[0];
  return controls.length ? {kind: 'several'} : {kind: 'missing', seen: labelsSeen(root)};
}
