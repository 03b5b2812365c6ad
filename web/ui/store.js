// Knows what is live: one stream of events for all tabs, the answers that it makes stale, and who is logged in.
import { useEffect, useState } from "./html.js";
import { get, onUnauthorized, remove } from "./api.js";

const REFETCH_MS = 250; // changes that come together are fetched together
const RETRY_MS = 3000;
const LOST_MS = 25000; // the server says something each 15 s

// --- a value that components follow

function cell(value) {
  const followers = new Set();
  return {
    get: () => value,
    set(next) {
      value = next;
      for (const follower of [...followers]) follower(value);
    },
    follow(follower) {
      followers.add(follower);
      return () => followers.delete(follower);
    },
  };
}

export function useCell(source) {
  const [value, set] = useState(source.get());
  useEffect(() => {
    set(source.get());
    return source.follow(set);
  }, [source]);
  return value;
}

// undefined: not asked yet; null: nobody; else {user, role, zones}.
export const session = cell(undefined);
// "connecting", "live" or "lost".
export const connection = cell("connecting");
// Our clock's error against the server's, so that "3 s ago" is true.
export const skew = cell(0);
// The newest revision: {revision, time, author, comment, changes}.
export const newest = cell(null);

onUnauthorized(() => session.set(null));

// The cookie is not to be seen from here; this remembers whether asking is worth it.
const KEY = "logged-in";

function remember(yes) {
  try {
    if (yes) localStorage.setItem(KEY, "1");
    else localStorage.removeItem(KEY);
  } catch {
    // Without storage it is asked each time.
  }
}

function remembered() {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return true;
  }
}

export async function readSession({ sure = false } = {}) {
  if (!sure && !remembered()) {
    session.set(null);
    return;
  }
  try {
    session.set(await get("session"));
    remember(true);
  } catch (problem) {
    if (problem.status === 401) remember(false);
    session.set(problem.status === 401 ? null : { failed: problem.message });
  }
}

export async function logOut() {
  await remove("session").catch(() => {});
  remember(false);
  session.set(null);
}

export function may(role) {
  const order = ["viewer", "operator", "admin"];
  const who = session.get();
  return !!who && order.indexOf(who.role) >= order.indexOf(role);
}

// --- topics: what kinds of change there are, and who wants to know

const wanting = { health: new Set(), event: new Set(), revision: new Set(), status: new Set() };

function tell(topic, data) {
  for (const follower of [...(wanting[topic] || [])]) follower(data);
}

function tellAll() {
  for (const topic of Object.keys(wanting)) tell(topic, null);
}

export function follow(topics, follower) {
  for (const topic of topics) wanting[topic].add(follower);
  return () => topics.forEach((topic) => wanting[topic].delete(follower));
}

// --- the stream

const channel = "BroadcastChannel" in self ? new BroadcastChannel("meridian-stream") : null;
let source = null;
let heard = 0;

function take(kind, data) {
  heard = Date.now();
  if (connection.get() !== "live") {
    const again = connection.get() === "lost";
    connection.set("live");
    if (again) tellAll();
  }
  if (kind === "hello") skew.set(Date.parse(data.time) - Date.now() || 0);
  if (kind === "resync") tellAll();
  if (kind in wanting) tell(kind, data);
}

function pass(kind, data) {
  take(kind, data);
  if (channel) channel.postMessage({ kind, data });
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function lose() {
  if (connection.get() === "lost") return;
  connection.set("lost");
}

// The tab that leads reads the stream and passes it on to the others.
function lead() {
  source = new EventSource("/api/v1/events/stream");
  for (const kind of ["hello", "health", "event", "revision", "status", "resync"]) {
    source.addEventListener(kind, (message) => pass(kind, parse(message.data)));
  }
  source.onopen = () => pass("open", null);
  source.onerror = () => {
    lose();
    if (channel) channel.postMessage({ kind: "lost" });
    // A browser tries again by itself, but gives up where the answer was no stream (503, 401).
    if (source.readyState === EventSource.CLOSED) setTimeout(reopen, RETRY_MS);
  };
}

async function reopen() {
  if (source && source.readyState !== EventSource.CLOSED) return;
  try {
    await get("session");
    lead();
  } catch (problem) {
    if (problem.status !== 401) setTimeout(reopen, RETRY_MS);
  }
}

function listen() {
  channel.onmessage = ({ data }) => {
    if (data.kind === "who" && source) channel.postMessage({ kind: source.readyState === EventSource.OPEN ? "open" : "lost" });
    else if (data.kind === "lost") lose();
    else if (data.kind !== "who" && !source) take(data.kind, data.data);
  };
  channel.postMessage({ kind: "who" });
}

let started = false;
export function startStream() {
  if (started) return;
  started = true;
  if (!channel || !navigator.locks) {
    // Without a lock (plain HTTP to another host) there is one stream a tab.
    lead();
  } else {
    listen();
    navigator.locks.request("meridian-stream", () => {
      lead();
      return new Promise(() => {});
    });
  }
  setInterval(() => {
    if (source && connection.get() === "live" && source.readyState !== EventSource.OPEN && Date.now() - heard > LOST_MS) lose();
  }, 5000);
  follow(["revision"], readNewest);
  readNewest();
}

async function readNewest() {
  try {
    newest.set((await get("revisions?limit=1")).items[0] || null);
  } catch {
    // The banner tells that the server is away.
  }
}

// --- answers that stay fresh

// {data, error, refresh} of a GET, asked anew when one of TOPICS changes and each EVERY_S seconds while the page is seen.
export function useLive(where, topics = [], everyS = 0) {
  const [state, set] = useState({ where: null, data: null, error: null });
  const [turn, refresh] = useState(0);
  useEffect(() => {
    if (!where) return undefined;
    const abort = new AbortController();
    let timer = 0, asking = false, again = false;
    const ask = async () => {
      timer = 0;
      if (asking) {
        again = true;
        return;
      }
      asking = true;
      try {
        const data = await get(where, { signal: abort.signal });
        if (!abort.signal.aborted) set({ where, data, error: null });
      } catch (error) {
        if (!abort.signal.aborted) set((old) => ({ where, data: old.where === where ? old.data : null, error }));
      }
      asking = false;
      if (again && !abort.signal.aborted) {
        again = false;
        soon();
      }
    };
    const soon = () => {
      if (!timer) timer = setTimeout(ask, REFETCH_MS);
    };
    ask();
    const leave = follow(topics, soon);
    const beat = everyS ? setInterval(() => document.visibilityState === "visible" && soon(), everyS * 1000) : 0;
    return () => {
      abort.abort();
      leave();
      clearTimeout(timer);
      clearInterval(beat);
    };
  }, [where, turn, topics.join(), everyS]);
  const known = state.where === where;
  return { data: known ? state.data : null, error: known ? state.error : null, refresh: () => refresh((n) => n + 1) };
}
