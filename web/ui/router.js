// Knows which address shows which page, and keeps the address bar and the page together.
import { useEffect, useState } from "./html.js";

// Pages are fetched when they are first shown.
const ROUTES = [
  ["/", () => import("./pages/overview.js")],
  ["/start", () => import("./pages/start.js")],
  ["/services", () => import("./pages/services.js")],
  ["/services/:zone/:name", () => import("./pages/service.js")],
  ["/zones", () => import("./pages/zones.js")],
  ["/zones/:zone", () => import("./pages/zone.js")],
  ["/pools", () => import("./pages/pools.js")],
  ["/pools/:pool", () => import("./pages/pool.js")],
  ["/pools/:pool/:endpoint", () => import("./pages/endpoint.js")],
  ["/monitors", () => import("./pages/monitors.js")],
  ["/regions", () => import("./pages/regions.js")],
  ["/anycast", () => import("./pages/anycast.js")],
  ["/explain", () => import("./pages/explain.js")],
  ["/events", () => import("./pages/events.js")],
  ["/revisions", () => import("./pages/revisions.js")],
  ["/settings", () => import("./pages/settings.js")],
];

function parametersOf(pattern, path) {
  const wanted = pattern.split("/"), given = path.split("/");
  if (wanted.length !== given.length) return null;
  const parameters = {};
  for (let i = 0; i < wanted.length; i++) {
    if (wanted[i].startsWith(":")) {
      if (!given[i]) return null;
      parameters[wanted[i].slice(1)] = decode(given[i]);
    } else if (wanted[i] !== given[i]) return null;
  }
  return parameters;
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// {load, parameters} of a path, or null where there is no such page.
export function match(path) {
  const plain = path.length > 1 ? path.replace(/\/+$/, "") : path;
  for (const [pattern, load] of ROUTES) {
    const parameters = parametersOf(pattern, plain);
    if (parameters) return { pattern, load, parameters };
  }
  return null;
}

export function link(...parts) {
  return "/" + parts.map(encodeURIComponent).join("/");
}

export function go(to, { replace = false } = {}) {
  if (to === location.pathname + location.search) return;
  history[replace ? "replaceState" : "pushState"](null, "", to);
  dispatchEvent(new Event("meridian:navigated"));
  if (!replace) scrollTo(0, 0);
}

// Ordinary links stay ordinary links; plain clicks on our own paths do not load the page anew.
export function catchLinks() {
  document.addEventListener("click", (event) => {
    const anchor = event.target.closest && event.target.closest("a[href]");
    if (!anchor || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (anchor.target || anchor.hasAttribute("download") || anchor.origin !== location.origin || !match(anchor.pathname)) return;
    event.preventDefault();
    go(anchor.pathname + anchor.search);
  });
}

// {path, search} of the address bar, followed.
export function useAddress() {
  const read = () => ({ path: location.pathname, search: location.search });
  const [address, set] = useState(read);
  useEffect(() => {
    const follow = () => set(read());
    addEventListener("popstate", follow);
    addEventListener("meridian:navigated", follow);
    return () => {
      removeEventListener("popstate", follow);
      removeEventListener("meridian:navigated", follow);
    };
  }, []);
  return address;
}

// The query of the address bar as an object, and a setter that replaces members of it.
export function useQuery() {
  const { search } = useAddress();
  const values = Object.fromEntries(new URLSearchParams(search));
  const set = (changes) => {
    const next = new URLSearchParams(location.search);
    for (const [key, value] of Object.entries(changes)) value ? next.set(key, value) : next.delete(key);
    const text = next.toString();
    go(location.pathname + (text ? "?" + text : ""), { replace: true });
  };
  return [values, set];
}
