// Artina's own script: lists that come late, the folding tree, the panels, the notices.
(function () {
  'use strict';
  const root = document.body.dataset.root;

  // A list is fetched after its page. Its own address ends in /rows.
  async function fill(list) {
    list.setAttribute('aria-busy', 'true');
    list.innerHTML = '<p class="wait">Hämtar…</p>';
    try {
      const answer = await fetch(list.dataset.rows);
      if (answer.redirected) {
        // The session has ended: the page itself is asked for again, and leads to the login page.
        window.location.reload();
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      list.innerHTML = await answer.text();
    } catch {
      list.innerHTML = '<p class="error">Listan kunde inte hämtas. Välj Uppdatera.</p>';
    }
    list.setAttribute('aria-busy', 'false');
  }

  const list = document.getElementById('lista');
  if (list) {
    fill(list);
    list.addEventListener('click', function (event) {
      const row = event.target.closest('tbody tr');
      if (!row) return;
      list.querySelectorAll('tr.chosen').forEach((other) => other.classList.remove('chosen'));
      row.classList.add('chosen');
    });
    list.addEventListener('dblclick', function (event) {
      const link = event.target.closest('tbody tr')?.querySelector('a');
      if (link) window.location.assign(link.href);
    });
  }

  document.getElementById('uppdatera').addEventListener('click', function () {
    if (list) fill(list);
    // Asking for the address, not reloading: a reload would post a form once more.
    else window.location.assign(window.location.pathname + window.location.search);
  });

  document.querySelectorAll('.tree .fold').forEach(function (fold) {
    fold.addEventListener('click', function () {
      const open = fold.getAttribute('aria-expanded') !== 'true';
      fold.setAttribute('aria-expanded', String(open));
      document.getElementById(fold.getAttribute('aria-controls')).hidden = !open;
    });
  });

  // What a user keeps for herself stays in the browser; the case system never sees it.
  const sizes = { Liten: '12px', Normal: '13px', Stor: '15px' };
  function applySize(words) { document.documentElement.style.fontSize = sizes[words] || sizes.Normal; }
  document.querySelectorAll('form[data-local]').forEach(function (form) {
    const field = form.querySelector('select, textarea');
    const kept = window.localStorage.getItem(form.dataset.local);
    if (kept !== null) field.value = kept;
    if (field.name === 'storlek') applySize(field.value);
    form.addEventListener('submit', function (event) {
      event.preventDefault();
      window.localStorage.setItem(form.dataset.local, field.value);
      if (field.name === 'storlek') applySize(field.value);
    });
  });

  document.querySelectorAll('textarea[data-most]').forEach(function (area) {
    const counter = area.parentElement.querySelector('.counter');
    function count() { counter.textContent = area.value.length + ' av ' + area.dataset.most + ' tecken'; }
    area.addEventListener('input', count);
    count();
  });

  const box = document.getElementById('driftinformation');
  if (box) {
    box.querySelector('button').addEventListener('click', function () {
      box.remove();
      const told = new URLSearchParams({ formularnyckel: document.body.dataset.key });
      fetch(root + '/driftinformation', { method: 'POST', body: told, keepalive: true });
    });
  }

  const toast = document.getElementById('avisering');
  if (toast) {
    window.setTimeout(function () { toast.hidden = false; }, 1200);
    window.setTimeout(function () { toast.hidden = true; }, 9000);
    toast.querySelector('button').addEventListener('click', function () { toast.hidden = true; });
  }
})();
