// Wait until the answer to a postback stands on the page: another document, or a part that has been put in since then.
async ([url, whole, milliseconds]) => {
  /*words*/
  const KEY = Symbol.for('ragnhild.postback');
  // A part may be put in bit by bit; so long nothing more has come, it is whole.
  const QUIET = 60;
  const deadline = performance.now() + milliseconds;
  const busy = () => [...document.querySelectorAll('[aria-busy=true]')].some(visible);
  const inPlace = () => {
    const known = window[KEY], now = performance.now();
    if (!known) return document.readyState !== 'loading';
    if (whole) return false;
    const answered = known.answered.get(url);
    // The browser tells its times in tenths of milliseconds: an answer and what it changes may seem to be at once.
    return answered !== undefined && known.changed > answered - 1 && now - known.changed > QUIET && !busy();
  };
  while (!inPlace()) {
    if (performance.now() > deadline) return 'late';
    await new Promise(done => setTimeout(done, 8));
  }
  if (window[KEY]) { window[KEY].stop(); delete window[KEY]; }
  return 'there';
}
