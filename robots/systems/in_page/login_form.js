// Whether the page has the one login form that was expected, and where it would send what is typed. Asked before anything
// is: a password goes into a field that hides it, in a form with no question that nobody has told the robot of.
([user, password]) => {
  /*words*/
  const {root} = rootOf(null);
  const one = label => {
    const found = controlsCalled(label, root).filter(visible);
    return found.length === 1 ? found[0] : null;
  };
  const no = words => ({words, goes: []});
  const name = one(user), secret = one(password);
  if (!name || !secret) return no(`fältet «${name ? password : user}» finns inte, eller finns flera gånger`);
  if (secret.type !== 'password') return no(`fältet «${password}» döljer inte det som skrivs`);
  const form = secret.form;
  if (!form || name.form !== form) return no(`fälten «${user}» och «${password}» hör inte till samma formulär`);
  // Asked by the browser's own getters: a field that is called «action» would answer in the form's place.
  const of = what => Object.getOwnPropertyDescriptor(HTMLFormElement.prototype, what).get.call(form);
  const typed = 'textarea,input:not([type=hidden],[type=submit],[type=button],[type=image],[type=reset],[type=checkbox],[type=radio])';
  const other = [...of('elements')].find(e => e !== name && e !== secret && e.matches(typed) && visible(e));
  if (other) return no(`formuläret har ett fält till («${plain(boundNames(other)[0] || other.name)}»)`);
  if (of('method') !== 'post') return no('formuläret skulle skriva lösenordet i adressen');
  const buttons = [...of('elements')].filter(e => e.hasAttribute('formaction') || e.hasAttribute('formmethod'));
  if (buttons.some(e => e.formMethod === 'get')) return no('formuläret skulle skriva lösenordet i adressen');
  return {words: '', goes: [of('action'), ...buttons.map(e => e.formAction)]};
}
