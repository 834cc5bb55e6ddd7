// The one file field called `label`: its place among the page's inputs and the files that it holds, or the problem.
([label, scope]) => {
  /*words*/
  const {root, problem} = rootOf(scope);
  if (!root) return problem;
  const fields = controlsCalled(label, root);
  if (fields.length !== 1) return fields.length ? {kind: 'several'} : {kind: 'missing', seen: labelsSeen(root)};
  const place = [...document.getElementsByTagName('input')].indexOf(fields[0]);
  if (place < 0 || fields[0].type !== 'file') return {kind: 'closed'};
  return {kind: 'found', place, files: [...fields[0].files].map(file => [file.name, file.size])};
}
