// Set a whole form in one visit and read every value back. Returns {label: problem} for the fields that need care.
// With `lookOnly` nothing is set.
async ([values, scope, lookOnly]) => {
  /*words*/
  const problems = {};
  const {root, problem} = rootOf(scope);
  if (!root) return Object.fromEntries(Object.keys(values).map(label => [label, problem]));
  const setter = element => Object.getOwnPropertyDescriptor(
    element instanceof HTMLTextAreaElement ? HTMLTextAreaElement.prototype
      : element instanceof HTMLSelectElement ? HTMLSelectElement.prototype : HTMLInputElement.prototype, 'value').set;
  const say = (element, ...names) => names.forEach(n => element.dispatchEvent(
    n === 'input' ? new InputEvent('input', {bubbles: true, composed: true}) : new Event(n, {bubbles: true, composed: true})));
  const checks = [];
  const typed = [];
  const rest = () => new Promise(done => setTimeout(done, 0));
  // What is filled in needs no scrolling to and no ring round it, which would have the page laid out once more.
  const enter = control => control.focus({preventScroll: true, focusVisible: false});
  const left = () => { if (document.activeElement && root.contains(document.activeElement)) document.activeElement.blur(); };

  // What a keyboard would tell the page, key by key; a page that sees through it gets real keystrokes afterwards.
  // With `patient` it may answer each key before the next, as one that works out its state afterwards does.
  const type = async (control, text, patient) => {
    const tell = (kind, name, more) => control.dispatchEvent(
      new kind(name, {bubbles: true, cancelable: true, composed: true, ...more}));
    enter(control);
    if (control.value) {
      setter(control).call(control, '');
      tell(InputEvent, 'input', {inputType: 'deleteContentBackward'});
    }
    for (const key of text) {
      if (patient) await null;
      const asKey = {key, keyCode: key.toUpperCase().charCodeAt(0), which: key.toUpperCase().charCodeAt(0)};
      const asText = {data: key, inputType: 'insertText'};
      if (tell(KeyboardEvent, 'keydown', asKey) && tell(KeyboardEvent, 'keypress', {key, charCode: key.charCodeAt(0)})
          && tell(InputEvent, 'beforeinput', asText)) {
        setter(control).call(control, control.value + key);
        tell(InputEvent, 'input', {...asText, cancelable: false});
      }
      tell(KeyboardEvent, 'keyup', asKey);
    }
    say(control, 'change');
  };

  const choose = (options, label, wanted) => {
    const fitting = options.filter(o => same(optionName(o), wanted) || (o.value && o.value === wanted));
    if (fitting.length !== 1) {
      problems[label] = {kind: fitting.length ? 'several' : 'option', seen: options.map(o => plain(optionName(o)))};
      return;
    }
    if (fitting[0].matches(':disabled')) { problems[label] = {kind: 'closed'}; return; }
    if (!lookOnly && !fitting[0].checked) fitting[0].click();
    checks.push(() => (fitting[0].isConnected && fitting[0].checked) || (problems[label] = {kind: 'choice', got: 'inte vald'}));
  };

  // All are looked for before any is filled in, which lays the page out once; anew where one has changed the page.
  const changes = new MutationObserver(() => {});
  changes.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
  let found = new Map(Object.keys(values).map(label => [label, controlsCalled(label, root)]));
  const called = label => {
    if (changes.takeRecords().length) found = new Map();
    if (!found.has(label)) found.set(label, controlsCalled(label, root));
    return found.get(label);
  };

  for (const [label, value] of Object.entries(values)) {
    const controls = called(label);
    if (typeof value === 'string' && controls.every(c => c.type === 'radio')) {
      const radios = optionsCalled(label, root).filter(o => o.type === 'radio');
      if (radios.length) { choose(radios, label, value); continue; }
    }
    if (controls.length !== 1) {
      problems[label] = {kind: controls.length ? 'several' : 'missing', seen: controls.length ? [String(controls.length)] : labelsSeen(root)};
      continue;
    }
    const control = controls[0];
    if (control.matches(':disabled') || control.readOnly) { problems[label] = {kind: 'closed'}; continue; }
    if (control.type === 'radio') { choose([control], label, String(value)); continue; }
    if (control.type === 'checkbox') {
      if (!lookOnly && control.checked !== Boolean(value)) control.click();
      checks.push(() => (control.isConnected && control.checked === Boolean(value)) || (problems[label] = {kind: 'choice', got: control.checked}));
    } else if (control instanceof HTMLSelectElement) {
      const options = [...control.options].filter(o => same(o.textContent, value) || o.value === value);
      if (options.length !== 1) {
        problems[label] = {kind: options.length ? 'several' : 'option', seen: [...control.options].map(o => plain(o.textContent))};
        continue;
      }
      if (options[0].matches(':disabled')) { problems[label] = {kind: 'closed'}; continue; }
      if (!lookOnly) {
        setter(control).call(control, options[0].value);
        say(control, 'input', 'change');
      }
      checks.push(() => (control.isConnected && control.value === options[0].value) || (problems[label] = {kind: 'choice', got: control.value}));
    } else if (control.isContentEditable) {
      if (!lookOnly) problems[label] = {kind: 'rich'};
    } else {
      const kept = () => control.isConnected && control.value.replace(/\r\n/g, '\n') === value.replace(/\r\n/g, '\n');
      checks.push(() => kept() || (problems[label] = {kind: 'kept', got: control.value}));
      if (lookOnly) continue;
      enter(control);
      setter(control).call(control, value);
      say(control, 'input', 'change');
      if (!value.includes('\n')) typed.push({label, again: patient => kept() || type(control, value, patient)});
    }
  }
  changes.disconnect();
  // Most pages that refuse a value have answered as soon as they have heard.
  await null;
  for (const {again} of typed) await again(false);
  // Each field has left its predecessor, as when a person goes from one to the next; now the last one is left too.
  left();
  // A page that keeps its own state has answered the events by now, and has put its own value back where it disagreed.
  await rest();
  checks.forEach(check => check());
  const refused = typed.filter(({label}) => problems[label]);
  if (refused.length) {
    for (const {again} of refused) await again(true);
    left();
    await rest();
    // What was typed last may have emptied what was filled in first.
    Object.keys(problems).filter(label => problems[label].kind === 'kept').forEach(label => delete problems[label]);
    checks.forEach(check => check());
  }
  return problems;
}
