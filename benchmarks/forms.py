"""The forms that are filled in: plain HTML, one that keeps its own state, and one with a field that is obstinate."""

from __future__ import annotations

VALUES = {
    "Namn": "Vera Vall",
    "Adress": "Hamngatan 19",
    "Postnummer": "123 45",
    "Ort": "Tallinge",
    "Telefon": "070-174 06 05",
    "E-post": "vera.vall@example.se",
    "Fastighet": "HAMNEN 19",
    "Meddelande": "Jag vill ha ritningarna för mitt hus, tack.",
}
OBSTINATE = "Postnummer"

_STYLE = "body{font:15px sans-serif}label{display:block;margin:.6em 0}input,textarea{display:block;width:20em}"
_PAGE = "<!doctype html><html lang=sv><meta charset=utf-8><title>{title}</title><style>{style}</style>{body}</html>"


def _field(name: str) -> str:
    tag = "<textarea rows=3></textarea>" if name == "Meddelande" else "<input autocomplete=off>"
    return f"<label>{name} {tag}</label>"


# A page without a script, as the older systems have them.
PLAIN = _PAGE.format(
    title="Vanligt formulär", style=_STYLE,
    body=f"<h1>Formulär</h1><form>{''.join(map(_field, VALUES))}<button type=button>Spara</button></form>",
)  # fmt: skip

# Controlled fields in the way of React: what is shown is the state, the state changes through the bubbling event
# alone, a setter on the element hides what a script writes unless the prototype's own setter is used, and every
# change draws the whole form again, after the event, in a microtask. ``keep`` may refuse or rewrite a value.
_FRAMEWORK = """
const state = Object.fromEntries(names.map(name => [name, '']));
const fields = {};
let waiting = false;

function tracked(element) {
  const own = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(element), 'value');
  let seen = element.value;
  Object.defineProperty(element, 'value', {
    configurable: true, get() { return own.get.call(this); }, set(text) { seen = text; own.set.call(this, text); },
  });
  return { changed() { const now = own.get.call(element); const was = seen; seen = now; return now !== was; } };
}

function draw() {
  waiting = false;
  for (const [name, { element }] of Object.entries(fields)) {
    if (element.value !== state[name]) element.value = state[name];
  }
  document.querySelector('output').textContent = JSON.stringify(state);
}

function set(name, text) {
  state[name] = text;
  if (!waiting) { waiting = true; queueMicrotask(draw); }
}

for (const label of document.querySelectorAll('label')) {
  const element = label.querySelector('input,textarea');
  const name = label.firstChild.nodeValue.trim();
  fields[name] = { element, tracker: tracked(element) };
}
document.querySelector('form').addEventListener('input', event => {
  const [name, field] = Object.entries(fields).find(([, f]) => f.element === event.target);
  if (field.tracker.changed()) set(name, keep(name, event));
  else set(name, state[name]);
});
"""


def _driven(title: str, keep: str) -> str:
    fields = "".join(map(_field, VALUES))
    script = f"const names = {list(VALUES)!r};\nconst keep = {keep};\n{_FRAMEWORK}"
    body = f"<h1>Formulär</h1><form>{fields}<button type=button>Spara</button></form><output></output>"
    # In a block: a page that is set anew keeps its window, and the names in it.
    return _PAGE.format(title=title, style=_STYLE, body=f"{body}<script>{{{script}}}</script>")


FRAMEWORK = _driven("Formulär med eget tillstånd", "(name, event) => event.target.value")

# One field lets a value through only if it came key by key, as fields with a mask or with suggestions do: more than
# one character at a time is taken for a paste and dropped.
REFUSING = _driven(
    "Formulär med ett motsträvigt fält",
    f"(name, event) => name === {OBSTINATE!r} && event.target.value.length > state[name].length + 1"
    " ? state[name] : event.target.value",
)
