// Keeps the page live. Without it the page reloads itself; with it the server sends what changed.
(() => {
  'use strict';
  // The server says something each five seconds. After this long it is gone, whatever the socket says.
  const QUIET_MS = 12000;
  // With the stream down for so long it is told; a stream that is opened again at once is not worth it.
  const DOWN_MS = 2500;
  const AGAIN_MS = 4000;

  const root = document.documentElement;
  const main = document.getElementById('main');
  const words = document.getElementById('link-words');
  const seen = document.getElementById('seen');
  let source = null;
  let heard = performance.now();
  let tried = heard;
  let over = false;

  // Times as the reader's own clock shows them.
  const dress = (element) => {
    for (const time of element.querySelectorAll('time')) {
      const at = new Date(time.dateTime);
      if (Number.isNaN(at.getTime())) continue;
      const shape = { hour: '2-digit', minute: '2-digit' };
      if ('seconds' in time.dataset) shape.second = '2-digit';
      time.textContent = at.toLocaleTimeString([], shape);
    }
  };

  // What each part held, so that one that did not change is neither drawn nor read out again.
  const template = document.createElement('template');
  const canonical = (html) => { template.innerHTML = html; return template.innerHTML; };
  const shown = new Map();

  const say = (state, text) => {
    if (root.dataset.link === state) return;
    root.dataset.link = state;
    words.textContent = text;
  };

  const time = (at) => {
    const element = document.createElement('time');
    element.dateTime = at;
    element.dataset.seconds = '';
    seen.replaceChildren(element);
    dress(seen);
  };

  const finish = () => {
    over = true;
    if (source) source.close();
    say('over', 'As of');
  };

  const live = (at) => {
    heard = performance.now();
    time(at);
    say('live', 'Live ·');
  };

  const show = (news) => {
    for (const [id, html] of Object.entries(news.parts)) {
      const element = document.getElementById(id);
      const fresh = canonical(html);
      if (!element || shown.get(id) === fresh) continue;
      shown.set(id, fresh);
      element.innerHTML = fresh;
      dress(element);
    }
    main.dataset.status = news.status;
    document.title = news.title;
    live(news.at);
    if (news.over) finish();
  };

  // The page once more, for where the stream does not come through. Never by loading it in place of
  // this one: when there is no network that would leave nothing at all.
  const read = async () => {
    try {
      const reply = await fetch(location.href, { cache: 'no-store', signal: AbortSignal.timeout(8000) });
      if (over || !(reply.ok || reply.status === 404)) return;
      const page = new DOMParser().parseFromString(await reply.text(), 'text/html');
      const fresh = page.getElementById('main');
      if (!fresh) return;
      shown.clear();
      main.innerHTML = fresh.innerHTML;
      main.dataset.status = fresh.dataset.status;
      document.title = page.title;
      dress(main);
      heard = performance.now();
      const at = page.querySelector('#link time');
      if (at) time(at.dateTime);
      if (fresh.dataset.status === 'closed') finish();
      else say('read', 'Read again at');
    } catch {
      // Still no way through; the next try comes by itself.
    }
  };

  const open = () => {
    tried = performance.now();
    if (source) source.close();
    source = new EventSource(location.pathname + '/live' + location.search);
    source.addEventListener('state', (event) => show(JSON.parse(event.data)));
    source.addEventListener('beat', (event) => live(event.data));
    source.addEventListener('error', () => {
      // Refused rather than cut off: the stream will not come back by itself.
      if (source.readyState === EventSource.CLOSED && !over) read();
    });
  };

  const watch = () => {
    if (over) return;
    const now = performance.now();
    const limit = source.readyState === EventSource.OPEN ? QUIET_MS : DOWN_MS;
    if (now - heard <= limit) return;
    if (root.dataset.link !== 'read' || now - heard > QUIET_MS) say('lost', 'Connection lost, last seen');
    if (now - tried > AGAIN_MS) open();
  };

  for (const part of main.querySelectorAll('div[id]')) shown.set(part.id, part.innerHTML);
  dress(document);
  open();
  setInterval(watch, 1000);
  // A phone that was asleep looks at once.
  const wake = () => { if (!over && document.visibilityState === 'visible') { tried = 0; watch(); } };
  document.addEventListener('visibilitychange', wake);
  addEventListener('online', wake);
  addEventListener('pageshow', wake);
})();
