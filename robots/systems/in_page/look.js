// Wait for the one visible thing (CSS, and words that it contains), or for the page's own words that it is not there;
// then what it says, read by the function put in below, and its id.
async ([css, containing, absent, milliseconds]) => {
  /*words*/
  const read = /*reader*/;
  // A page that has only begun to come has no body yet.
  const says = words => document.body && norm(document.body.textContent).includes(words)
    && [...document.body.querySelectorAll('*')].some(e => visible(e) && norm(e.textContent) === words);
  const look = () => {
    const things = [...document.querySelectorAll(css)].filter(e => visible(e) && norm(e.textContent).includes(containing));
    if (things.length > 1) return {state: 'several', count: things.length};
    const none = absent && says(absent);
    if (things.length) return none ? {state: 'both'} : {state: 'found', told: read(things[0]), id: things[0].id};
    return {state: none ? 'absent' : 'silent'};
  };
  const deadline = performance.now() + milliseconds;
  for (;;) {
    const seen = look();
    if (!['silent', 'both'].includes(seen.state) || performance.now() > deadline) return seen;
    await new Promise(done => setTimeout(done, 8));
  }
}
