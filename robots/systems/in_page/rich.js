// The editor of this page: put the cursor in it, take away the mark-up that an emptied editor keeps, leave or read it.
async ([name, task, milliseconds]) => {
  /*words*/
  const editorHere = () => {
    const own = controlsCalled(name, document.body).filter(e => e.isContentEditable);
    if (own.length) return own.length === 1 ? own[0] : null;
    if (window.frameElement && (document.designMode === 'on' || document.body.isContentEditable)) return document.body;
    const inner = window.frameElement ? [...document.querySelectorAll('[contenteditable]')].filter(e => e.isContentEditable && visible(e)) : [];
    return inner.length === 1 ? inner[0] : null;
  };
  let editor = editorHere();
  // An editor is made some time after its page: until then its frame is a page like any other.
  for (const until = performance.now() + milliseconds; !editor && performance.now() < until; editor = editorHere()) {
    await new Promise(done => setTimeout(done, 10));
  }
  if (!editor) return {state: 'missing'};
  const toCursor = () => {
    const range = document.createRange();
    range.selectNodeContents(editor);
    range.collapse(false);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  };
  if (task === 'focus') { window.focus(); editor.focus(); toCursor(); }
  if (task === 'clear') {
    // Emptied by keys, an editor may go on in the bold or the list that its first word was in.
    const left = [...editor.querySelectorAll('*')].some(e => !['P', 'DIV', 'BR'].includes(e.tagName) || e.attributes.length);
    if (left || norm(editor.textContent) || editor.querySelectorAll('br').length > 1 || editor.childElementCount > 1) {
      editor.replaceChildren();
      editor.dispatchEvent(new InputEvent('input', {bubbles: true, inputType: 'deleteContentBackward'}));
      toCursor();
    }
    // A style that is switched on without any text in it is in no element.
    for (const style of ['bold', 'italic', 'underline', 'strikeThrough']) {
      if (document.queryCommandState(style)) document.execCommand(style);
    }
  }
  if (task === 'leave') {
    editor.blur();
    if (document.activeElement) document.activeElement.blur();
    if (window.frameElement) window.frameElement.blur();
    await new Promise(done => setTimeout(done, 0));  // for what the editor does when it is left
  }
  const lines = [''];
  const collect = node => {
    for (const child of node.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) { lines[lines.length - 1] += child.nodeValue; continue; }
      if (child.tagName === 'BR') {
        // The last one in a paragraph only holds it open.
        if (child.nextSibling || child.parentElement === editor) lines.push('');
        continue;
      }
      const block = getComputedStyle(child).display !== 'inline';
      if (block && child.previousSibling) lines.push('');
      collect(child);
      if (block && child.nextSibling && child.nextSibling.nodeType === Node.TEXT_NODE) lines.push('');
    }
  };
  collect(editor);
  const marks = [...new Set([...editor.querySelectorAll('*')]
    .filter(e => !['P', 'DIV', 'BR', 'SPAN'].includes(e.tagName) || e.getAttribute('style') || e.className)
    .map(e => e.tagName.toLowerCase()))];
  return {state: 'there', lines: lines.map(norm), marks};
}
