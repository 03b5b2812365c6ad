// Knows what stands around every page: navigation, the state of everything in one line, banners, and the keyboard.
import { html, useEffect, useRef, useState } from "./html.js";
import { go, match, useAddress } from "./router.js";
import { connection, logOut, useCell, useLive } from "./store.js";
import { Dialog } from "./parts/dialog.js";
import { Failure, Page } from "./parts/page.js";
import { Search } from "./parts/search.js";
import { State } from "./parts/state.js";
import { Undo } from "./parts/undo.js";

const PAGES = [
  ["/", "Overview", "o"], ["/services", "Services", "s"], ["/zones", "Zones", "z"], ["/pools", "Pools", "p"], ["/monitors", "Monitors", "m"], ["/regions", "Places", "l"],
  ["/anycast", "Anycast", "a"], ["/explain", "Explain", "x"], ["/events", "Events", "e"], ["/revisions", "Revisions", "r"], ["/settings", "Settings", "t"],
];
const CHORD_MS = 1200;

function typing(event) {
  const at = event.target;
  return at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName) || document.querySelector("dialog[open]");
}

// "/" searches, "?" helps, "g" and a letter goes.
function useKeyboard(open) {
  const chord = useRef(0);
  useEffect(() => {
    const press = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event)) return;
      const page = Date.now() - chord.current < CHORD_MS && PAGES.find(([, , key]) => key === event.key);
      chord.current = 0;
      if (page) go(page[0]);
      else if (event.key === "/") open("search");
      else if (event.key === "?") open("help");
      else if (event.key === "g") {
        chord.current = Date.now();
        return;
      } else return;
      event.preventDefault();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
}

function Help({ onClose }) {
  return html`<${Dialog} title="Keyboard" onClose=${onClose}><table class="keys"><tbody>
    <tr><th scope="row"><kbd>/</kbd></th><td>search</td></tr><tr><th scope="row"><kbd>?</kbd></th><td>this help</td></tr><tr><th scope="row"><kbd>Esc</kbd></th><td>close</td></tr>
    ${PAGES.map(([, name, key]) => html`<tr key=${key}><th scope="row"><kbd>g</kbd> <kbd>${key}</kbd></th><td>${name}</td></tr>`)}</tbody></table><//>`;
}

function Summary() {
  const { data } = useLive("overview", ["health", "revision", "status", "event"], 15);
  if (!data) return null;
  const bad = data.attention.filter((item) => item.severity === "critical").length, some = data.attention.filter((item) => item.severity === "warning").length;
  const state = bad ? "critical" : some ? "warning" : "healthy";
  const words = bad ? `${bad} critical${some ? `, ${some} to look at` : ""}` : some ? `${some} to look at` : "Everything is well";
  return html`<a class="summary" href="/" aria-live="polite"><${State} state=${state} word=${words} /></a>`;
}

function Live() {
  const state = useCell(connection);
  return html`<${State} state=${state === "live" ? "live" : state === "lost" ? "lost" : "pending"} word=${state} />`;
}

function Banner() {
  const state = useCell(connection);
  const [shown, show] = useState(false);
  useEffect(() => {
    // A short gap is nobody's concern.
    const timer = setTimeout(() => show(state === "lost"), state === "lost" ? 1500 : 0);
    return () => clearTimeout(timer);
  }, [state]);
  return html`<div aria-live="assertive">${shown && html`<p class="banner"><${State} state="lost" word="The live stream is lost." /> What stands here may be old; the page tries again by itself.</p>`}</div>`;
}

function Content() {
  const { path } = useAddress();
  const found = match(path);
  const [loaded, set] = useState({ pattern: null, Page: null, error: null });
  useEffect(() => {
    if (!found) return undefined;
    let wanted = true;
    found.load().then((module) => wanted && set({ pattern: found.pattern, View: module.default, error: null }),
      () => wanted && set({ pattern: found.pattern, View: null, error: new Error("This part of the page cannot be loaded; the server may be away.") }));
    return () => {
      wanted = false;
    };
  }, [found && found.pattern]);
  if (!found) return html`<${Page} title="No such page"><p>There is no page at ${path}. <a href="/">To the overview</a>.</p><//>`;
  if (loaded.error) return html`<${Failure} error=${loaded.error} retry=${() => location.reload()} />`;
  if (loaded.pattern !== found.pattern) return html`<p class="wait" aria-busy="true">Loading</p>`;
  return html`<${loaded.View} key=${path} ...${found.parameters} />`;
}

function current(to, path) {
  return to === "/" ? path === "/" : path === to || path.startsWith(to + "/");
}

export function Shell({ who }) {
  const { path } = useAddress();
  const [open, setOpen] = useState(null);
  const [menu, setMenu] = useState(false);
  useKeyboard(setOpen);
  useEffect(() => setMenu(false), [path]);
  return html`<a class="skip" href="#main">Skip to the content</a>
    <header class="top">
      <a class="brand" href="/"><img src="/icon.svg" alt="" width="20" height="20" /> Meridian</a>
      <${Summary} />
      <button class="find quiet" onClick=${() => setOpen("search")}><span>Search</span> <kbd>/</kbd></button>
      <span class="who"><span>${who.user}</span> <span class="dim">${who.role}</span><button class="quiet" onClick=${logOut}>Log out</button></span>
      <button class="menu quiet" aria-expanded=${menu ? "true" : "false"} aria-controls="nav" onClick=${() => setMenu(!menu)}>Menu</button>
    </header>
    <nav id="nav" class=${menu ? "open" : ""} aria-label="Pages"><ul>${PAGES.map(([to, name]) => html`<li key=${to}><a href=${to} aria-current=${current(to, path) ? "page" : undefined}>${name}</a></li>`)}</ul>
      <p class="nav-foot"><span class="live" title="How this page hears of changes"><${Live} /></span><button class="quiet" onClick=${() => setOpen("help")}>Keyboard <kbd>?</kbd></button><button class="quiet narrow" onClick=${logOut}>Log out</button></p></nav>
    <main id="main" tabindex="-1"><${Banner} /><${Content} /></main>
    <${Undo} />
    ${open === "search" && html`<${Search} pages=${PAGES} onClose=${() => setOpen(null)} />`}
    ${open === "help" && html`<${Help} onClose=${() => setOpen(null)} />`}`;
}
