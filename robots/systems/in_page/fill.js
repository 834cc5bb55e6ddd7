// Set a whole form in one visit and read every value back. Returns {label: problem} for the fields that need care.
async ([values, scope]) => {
  /*words*/
  const root = scope ? document.querySelector(scope) : document.body;
  const problems = {};
  if (!root) return {problems: {'': {kind: 'missing', seen: []}}};
  const setter = element => Object.getOwnPropertyDescriptor(
    element instanceof HTMLTextAreaElement ? HTMLTextAreaElement.prototype
      : element instanceof HTMLSelectElement ? HTMLSelectElement.prototype : HTMLInputElement.prototype, 'value').set;
  const say = (element, ...names) => names.forEach(n => element.dispatchEvent(
    n === 'input' ? new InputEvent('input', {bubbles: true, composed: true}) : new Event(n, {bubbles: true, composed: true})));
  const checks = [];

  const choose = (options, label, wanted) => {
    const fitting = options.filter(o => same(optionName(o), wanted) || (o.value && o.value === wanted));
    if (fitting.length !== 1) {
      problems[label] = {kind: fitting.length ? 'several' : 'option', seen: options.map(o => plain(optionName(o)))};
      return;
    }
    if (!fitting[0].checked) fitting[0].click();
    checks.push(() => fitting[0].checked || (problems[label] = {kind: 'kept', got: 'inte vald'}));
  };

  for (const [label, value] of Object.entries(values)) {
    let controls = controlsCalled(label, root);
    const radios = typeof value === 'string' ? optionsCalled(label, root).filter(o => o.type === 'radio') : [];
    if (radios.length && !controls.some(c => c.type !== 'radio')) { choose(radios, label, value); continue; }
    if (controls.length !== 1) {
      problems[label] = {kind: controls.length ? 'several' : 'missing', seen: controls.length ? [String(controls.length)] : labelsSeen(root)};
      continue;
    }
    const control = controls[0];
    if (control.disabled || control.readOnly) { problems[label] = {kind: 'closed'}; continue; }
    if (control.type === 'checkbox') {
      if (control.checked !== Boolean(value)) control.click();
      checks.push(() => control.checked === Boolean(value) || (problems[label] = {kind: 'kept', got: String(control.checked)}));
    } else if (control instanceof HTMLSelectElement) {
      const options = [...control.options].filter(o => same(o.textContent, value) || o.value === value);
      if (options.length !== 1) {
        problems[label] = {kind: options.length ? 'several' : 'option', seen: [...control.options].map(o => plain(o.textContent))};
        continue;
      }
      setter(control).call(control, options[0].value);
      say(control, 'input', 'change');
      checks.push(() => control.value === options[0].value || (problems[label] = {kind: 'kept', got: control.value}));
    } else if (control.isContentEditable) {
      problems[label] = {kind: 'rich'};
    } else {
      control.focus();
      setter(control).call(control, value);
      say(control, 'input', 'change');
      control.blur();
      const kept = () => control.value.replace(/\r\n/g, '\n') === value.replace(/\r\n/g, '\n');
      checks.push(() => kept() || (problems[label] = {kind: 'kept', got: control.value}));
    }
  }
  // A page that keeps its own state has answered the events by now, and has put its own value back where it disagreed.
  await new Promise(done => setTimeout(done, 0));
  checks.forEach(check => check());
  return {problems};
}
