// What the pages around an LTI launch do. `boot` says which of them this is.
const boot = JSON.parse(document.getElementById('boot').textContent);

/** How long a platform may take to answer a message, ms. Apps on phones never do. */
const PATIENCE = 3000;

/** Posts a form to `to`, as a navigation. */
function send(to, fields) {
  const form = document.createElement('form');
  form.method = 'post';
  form.action = to;
  for (const [name, value] of Object.entries(fields)) {
    const field = document.createElement('input');
    field.type = 'hidden';
    field.name = name;
    field.value = value;
    form.append(field);
  }
  document.body.append(form);
  form.submit();
}

/** Asks the platform's storage; `undefined` when there is no answer. Only its own origin is sent to and believed. */
function storage(message) {
  return new Promise((resolve) => {
    const outer = window.parent !== window ? window.parent : window.opener;
    let target = outer;
    try {
      // "_parent" means the outer page itself; any other name a frame of it.
      if (boot.frame !== '_parent') target = outer?.frames[boot.frame] ?? outer;
    } catch {
      // The outer page does not let us look at its frames.
    }
    if (!boot.frame || !target) return resolve(undefined);
    const id = crypto.randomUUID();
    const done = (value) => {
      removeEventListener('message', listen);
      resolve(value);
    };
    const listen = ({ data, origin }) => {
      if (origin !== boot.origin || data?.message_id !== id) return;
      if (data.subject === `${message.subject}.response`) done(data.error ? undefined : data.value);
    };
    addEventListener('message', listen);
    target.postMessage({ ...message, message_id: id, key: boot.key }, boot.origin);
    setTimeout(() => done(undefined), PATIENCE);
  });
}

async function keep() {
  await storage({ subject: 'lti.put_data', value: boot.value });
  location.replace(boot.to);
}

async function prove() {
  const tab = document.getElementById('tab');
  tab.hidden = true;
  const stored = await storage({ subject: 'lti.get_data' });
  if (stored) send('/lti/launch', { ...boot.form, stored });
  else tab.hidden = false;
}

function close() {
  const outer = window.opener ?? window.parent;
  for (const origin of boot.origins) outer.postMessage({ subject: 'org.imsglobal.lti.close' }, origin);
}

async function api(path, init = {}) {
  const headers = { accept: 'application/json', authorization: `Bearer ${boot.token}` };
  if (init.body) headers['content-type'] = 'application/json';
  const answer = await fetch(`/api/v1/${path}`, { ...init, headers });
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()).data;
}

function pick() {
  const at = (id) => document.getElementById(id);
  let page = 1;
  const failed = () => (at('status').textContent = 'That did not work. Open this page again from your course.');
  const choose = async (entry) => {
    try {
      const { to, jwt } = await api('lti/pick', { method: 'POST', body: JSON.stringify({ entry }) });
      send(to, { JWT: jwt });
    } catch {
      failed();
    }
  };
  const list = async () => {
    try {
      const query = new URLSearchParams({ page, size: 50 });
      if (at('text').value.trim()) query.set('find', at('text').value.trim());
      const { rows, total } = await api(`entries?${query}`);
      if (page === 1) at('list').replaceChildren();
      for (const row of rows.filter((row) => !row.deleted)) {
        const item = document.createElement('li');
        const name = document.createElement('span');
        name.textContent = row.name;
        const button = document.createElement('button');
        button.className = 'button';
        button.textContent = 'Choose';
        button.setAttribute('aria-label', `Choose ${row.name}`);
        button.addEventListener('click', () => choose(row.id));
        item.append(name, button);
        at('list').append(item);
      }
      at('more').hidden = page * 50 >= total;
      at('status').textContent = total === 1 ? 'One recording' : `${total} recordings`;
    } catch {
      failed();
    }
  };
  at('find').addEventListener('submit', (event) => {
    event.preventDefault();
    page = 1;
    void list();
  });
  at('more').addEventListener('click', () => {
    page += 1;
    void list();
  });
  at('none').addEventListener('click', () => choose(null));
  void list();
}

({ keep, prove, close, pick })[boot.do]();
