// Remember this document, and from now on what is answered to it and when it changes. For postback.js.
() => {
  const KEY = Symbol.for('ragnhild.postback');
  if (window[KEY]) window[KEY].stop();
  const known = {asked: performance.now(), changed: -1, answered: new Map()};
  const changes = new MutationObserver(() => { known.changed = performance.now(); });
  changes.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
  const answers = new PerformanceObserver(list => list.getEntries()
    .filter(e => ['xmlhttprequest', 'fetch'].includes(e.initiatorType) && e.startTime >= known.asked)
    .forEach(e => known.answered.set(e.name, e.responseEnd)));
  answers.observe({type: 'resource'});
  known.stop = () => { changes.disconnect(); answers.disconnect(); };
  window[KEY] = known;
}
