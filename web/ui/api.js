// Knows how the API is spoken: JSON both ways, versions, and problems (RFC 9457) as errors.

const BASE = "/api/v1/";

// A refusal: `detail` is a sentence, `errors` the members that are wrong, `blocking` the objects in the way.
export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || `The server answered ${status}.`);
    this.status = status;
    this.errors = body.errors || [];
    this.blocking = body.blocking || [];
  }
}

let unauthorized = () => {};
export function onUnauthorized(callback) {
  unauthorized = callback;
}

// "zones", "example.com", "records", "@", "NS" -> "zones/example.com/records/%40/NS"
export function path(...parts) {
  return parts.map(encodeURIComponent).join("/");
}

// A path with a query; members that are empty are left out.
export function query(where, parameters) {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== null && value !== "" && value !== false) search.set(key, value);
  }
  const text = search.toString();
  return text ? `${where}?${text}` : where;
}

async function bodyOf(response) {
  const type = response.headers.get("Content-Type") || "";
  return type.includes("json") ? response.json() : {};
}

const TYPES = { PATCH: "application/merge-patch+json" };

// BODY is sent as JSON; text goes as it is, with its TYPE.
async function send(method, where, { body, type = TYPES[method], etag, comment, create, signal } = {}) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = type || "application/json";
  if (etag !== undefined) headers["If-Match"] = etag === "*" ? "*" : `"${etag}"`;
  if (create) headers["If-None-Match"] = "*";
  if (comment) headers["X-Change-Comment"] = encodeHeader(comment);
  let response;
  try {
    response = await fetch(BASE + where, { method, headers, signal, body: typeof body === "string" || body === undefined ? body : JSON.stringify(body),
      credentials: "same-origin", cache: "no-store" });
  } catch (failure) {
    if (failure.name === "AbortError") throw failure;
    throw new Problem(0, { detail: "The server cannot be reached." });
  }
  const answer = response.status === 204 ? null : await bodyOf(response);
  if (response.ok) return { answer, response };
  if (response.status === 401 && where !== "session") unauthorized();
  throw new Problem(response.status, answer || {});
}

// fetch() takes header values as octets; the API reads them as UTF-8.
function encodeHeader(text) {
  return String.fromCharCode(...new TextEncoder().encode(text.replace(/\s+/g, " ").slice(0, 200)));
}

export const get = async (where, options) => (await send("GET", where, options)).answer;
export const post = async (where, body, options) => (await send("POST", where, { ...options, body })).answer;
export const put = async (where, body, options) => (await send("PUT", where, { ...options, body })).answer;
export const patch = async (where, body, options) => (await send("PATCH", where, { ...options, body })).answer;
export const remove = async (where, options) => (await send("DELETE", where, options)).answer;

// One page of a list: {items, total, next}; `next` is the query that goes on, or null.
export async function list(where, options) {
  const { answer, response } = await send("GET", where, options);
  const link = response.headers.get("Link") || "";
  const next = /<([^>]*)>\s*;\s*rel="?next"?/.exec(link);
  return { ...answer, next: next ? new URL(next[1], location.href).searchParams.get("cursor") : null };
}

// Every item of a list, up to MOST.
export async function listAll(where, most = 5000) {
  const items = [];
  let cursor = "";
  do {
    const page = await list(query(where, { limit: 1000, cursor }));
    items.push(...page.items);
    cursor = page.next;
  } while (cursor && items.length < most);
  return items;
}
