// The fields below the element with what they hold, as [words, value] in the order of the page. What is chosen is told
// by its words; a password is never read.
root => {
  /*words*/
  const captions = new Map();
  for (const label of labelsSeen(root)) {
    for (const control of [...controlsCalled(label, root), ...optionsCalled(label, root)]) {
      if (!captions.has(control)) captions.set(control, label);
    }
  }
  const called = control => plain(boundNames(control)[0] || captions.get(control) || control.name || '');
  const told = control => {
    if (control.type === 'radio') return control.checked && [captions.get(control) || control.name, optionName(control)];
    if (control.type === 'checkbox') return [optionName(control) || called(control), control.checked ? 'ja' : 'nej'];
    if (control.type === 'file') return [called(control), [...control.files].map(f => f.name).join(', ')];
    if (control instanceof HTMLSelectElement) return [called(control), [...control.selectedOptions].map(o => o.text).join(', ')];
    return [called(control), 'value' in control ? control.value : control.innerText];
  };
  const fields = [...root.querySelectorAll(CONTROLS)].filter(c => shown(c) && c.type !== 'password').map(told).filter(Boolean);
  // Editors are documents of their own, in a frame with a title.
  for (const frame of root.querySelectorAll('iframe')) {
    const inside = frame.contentDocument;
    if (inside && (inside.designMode === 'on' || (inside.body && inside.body.isContentEditable))) {
      fields.push([frame.title || frame.name, inside.body.innerText]);
    }
  }
  return fields.map(([words, value]) => [plain(words), String(value)]);
}
