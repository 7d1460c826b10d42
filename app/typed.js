// What Streamlit's page in the browser leaves out. A field is handed over only when it is left or Enter is pressed: here
// also when somebody pauses, follows a link or leaves the page, else what was typed would not survive a refresh. And every
// choice is a step of the browser's history: here only a page is.
"use strict";
(() => {
  if (window.payfsTyped) return; // the page is drawn often, and this is wanted once
  window.payfsTyped = true;
  const PAUSE = 600; // [ms] without a key: long enough not to break into a word, short enough to feel live
  const FIRST = 100; // [ms] by which what is handed over goes ahead of a link that is followed
  const DRAWN = 20_000; // [ms] in which a page that is loaded anew has drawn its fields
  const FIELDS =
    '[data-testid="stTextArea"] textarea, [data-testid="stTextInput"] input, [data-testid="stNumberInput"] input';
  const waiting = new Map(); // by field, the clock that is running
  const inForms = new Set(); // fields of which the form is not sent yet: they are remembered, and not handed over
  let handed = -Infinity; // [ms] when anything was handed over last

  // as if Enter were pressed in the field, and Ctrl+Enter where Enter begins a line
  const handOver = (field) => {
    clearTimeout(waiting.get(field));
    if (!waiting.delete(field) || !field.isConnected) return;
    handed = performance.now();
    const pressed = { key: "Enter", code: "Enter", keyCode: 13, bubbles: true, cancelable: true };
    field.dispatchEvent(new KeyboardEvent("keydown", { ...pressed, ctrlKey: field.tagName === "TEXTAREA" }));
  };
  const all = () => [...waiting.keys()].forEach(handOver);

  const typed = (event) => {
    const field = event.target;
    if (!(field instanceof Element) || !field.matches(FIELDS)) return;
    sessionStorage.removeItem(place(field));
    if (field.closest('[data-testid="stForm"]')) return inForms.add(field); // there Enter sends the form
    clearTimeout(waiting.get(field));
    if (event.isComposing) return; // half a letter
    waiting.set(field, setTimeout(handOver, PAUSE, field));
  };

  // what is handed over after a link was followed would lead back to this page
  const follow = (event) => {
    const link = event.target instanceof Element && event.target.closest("a");
    if (!link || !event.isTrusted || event.ctrlKey || event.metaKey || event.shiftKey) return;
    all();
    if (performance.now() - handed > FIRST) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    setTimeout(() => link.click(), FIRST);
  };

  // a server may stop what it does for a page that is gone, so this tab remembers it until the page is there again
  const place = (field) => {
    const about = new URLSearchParams(location.search).get("contract");
    return JSON.stringify(["typed", location.pathname, about, field.getAttribute("aria-label")]);
  };
  const leave = () => {
    const there = [...waiting.keys(), ...inForms].filter((field) => field.isConnected);
    for (const field of there) sessionStorage.setItem(place(field), field.value);
    all();
  };
  const restore = () => {
    for (const field of document.querySelectorAll(FIELDS)) {
      const text = sessionStorage.getItem(place(field));
      if (text === null || document.querySelector('[data-test-script-state="running"]')) continue;
      sessionStorage.removeItem(place(field));
      if (text === field.value) continue;
      Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set.call(field, text);
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };

  // a page writes what is chosen on it into the address, which is no place to go back to: only another page is
  const push = history.pushState;
  history.pushState = function (state, title, url) {
    const same = url && new URL(url, location.href).pathname === location.pathname;
    return (same ? history.replaceState : push).call(history, state, title, url);
  };

  document.addEventListener("input", typed, true);
  document.addEventListener("compositionend", typed, true);
  document.addEventListener("click", follow, true);
  document.addEventListener("visibilitychange", () => document.hidden && all());
  window.addEventListener("beforeunload", leave);
  if (Object.keys(sessionStorage).some((key) => key.startsWith('["typed",'))) {
    const looking = setInterval(restore, 200);
    setTimeout(() => {
      clearInterval(looking);
      Object.keys(sessionStorage).forEach((key) => key.startsWith('["typed",') && sessionStorage.removeItem(key));
    }, DRAWN);
  }
})();
