// Knows how an object is edited: fields made from its description, the server's own validation beside each, and its version respected.
import { html, useEffect, useMemo, useRef, useState } from "../html.js";
import { listAll, post, put, query, remove } from "../api.js";
import { Failure } from "./page.js";
import { Confirm, confirmed, wantedBy } from "./confirm.js";
import { Changes } from "./diff.js";

const CHECK_MS = 400;

// A field is {key, label, type, help, options, from, when}; types: text, number, decimal, flag, select, lines, words, json, pick (of the
// objects of the collection `from`). `key` may be "needs.dns". Without a value the member is left out, so that the default holds.

function read(object, key) {
  return key.split(".").reduce((at, part) => (at === null || at === undefined ? undefined : at[part]), object);
}

function write(object, key, value) {
  const [head, ...rest] = key.split(".");
  const next = { ...object };
  const inner = rest.length ? write(next[head] || {}, rest.join("."), value) : value;
  if (inner === undefined || (rest.length && Object.keys(inner).length === 0)) delete next[head];
  else next[head] = inner;
  return next;
}

function show(field, value) {
  if (value === undefined || value === null) return field.type === "flag" ? !!field.default : "";
  if (field.type === "lines") return value.join("\n");
  if (field.type === "words") return value.join(", ");
  if (field.type === "json") return JSON.stringify(value);
  return value;
}

function parse(field, text) {
  switch (field.type) {
    case "flag": return text;
    case "number": case "decimal": return text === "" ? undefined : Number(text);
    case "lines": return text.split("\n").map((line) => line.trim()).filter(Boolean);
    case "words": return text.split(/[,\s]+/).filter(Boolean);
    case "json":
      try {
        return text.trim() ? JSON.parse(text) : undefined;
      } catch {
        return text;
      }
    default: return text === "" ? undefined : text;
  }
}

function useChoices(fields) {
  const [choices, set] = useState({});
  const wanted = [...new Set(fields.filter((field) => field.from).map((field) => field.from))].join();
  useEffect(() => {
    for (const collection of wanted.split(",").filter(Boolean)) {
      listAll(collection).then((items) => set((old) => ({ ...old, [collection]: items.map((item) => item.name) })), () => {});
    }
  }, [wanted]);
  return choices;
}

function Control({ field, id, value, wrong, choices, locked, onInput }) {
  const common = { id, disabled: locked, "aria-invalid": wrong ? "true" : undefined, "aria-describedby": `${id}-note` };
  const text = show(field, value);
  if (field.type === "flag") return html`<input type="checkbox" ...${common} checked=${text} onChange=${(event) => onInput(event.target.checked)} />`;
  if (field.type === "select" || field.type === "pick") {
    const options = field.options || choices[field.from] || [];
    const all = text !== "" && !options.includes(text) ? [text, ...options] : options;
    return html`<select ...${common} value=${text} onChange=${(event) => onInput(parse(field, event.target.value))}>
      ${!field.required && html`<option value="">${field.none || "default"}</option>`}
      ${field.required && text === "" && html`<option value="">choose</option>`}
      ${all.map((option) => html`<option key=${option} value=${option}>${option}</option>`)}</select>`;
  }
  // Lists keep what is being typed: a parsed and shown-again value would swallow the comma.
  if (["lines", "words", "json"].includes(field.type)) return html`<${Typed} ...${{ field, common, text, onInput }} />`;
  return html`<input ...${common} type=${field.type === "number" || field.type === "decimal" ? "number" : field.type === "password" ? "password" : "text"}
    step=${field.type === "decimal" ? "any" : undefined} value=${text} placeholder=${field.placeholder || (field.default !== undefined ? String(field.default) : undefined)} autocomplete="off" spellcheck=${false}
    onInput=${(event) => onInput(parse(field, event.target.value))} />`;
}

function Typed({ field, common, text, onInput }) {
  const [typed, type] = useState(text);
  const change = (event) => {
    type(event.target.value);
    onInput(parse(field, event.target.value));
  };
  return field.type === "words"
    ? html`<input ...${common} type="text" value=${typed} onInput=${change} placeholder=${field.placeholder} autocomplete="off" spellcheck=${false} />`
    : html`<textarea ...${common} rows=${field.rows || Math.min(8, Math.max(2, typed.split("\n").length))} value=${typed} onInput=${change} placeholder=${field.placeholder} spellcheck=${false}></textarea>`;
}

let forms = 0;

// The fields alone, for dialogs that send something else than an object.
export function Fields({ fields, value, onChange, errors = [], locked = [] }) {
  const form = useMemo(() => ++forms, []);
  const choices = useChoices(fields);
  return fields.filter((field) => !field.when || field.when(value)).map((field) => {
    const pointer = "/" + field.key.replaceAll(".", "/"), id = `f${form}-${field.key}`;
    const wrong = errors.filter((error) => error.pointer === pointer || error.pointer.startsWith(pointer + "/"));
    return html`<div class="field ${field.type} ${field.wide ? "wide" : ""}" key=${field.key}>
      <label for=${id}>${field.label}</label>
      <${Control} field=${field} id=${id} value=${read(value, field.key)} wrong=${wrong.length > 0} choices=${choices} locked=${locked.includes(field.key)}
        onInput=${(next) => onChange(write(value, field.key, next))} />
      <p class="help" id="${id}-note">${wrong.length > 0 ? html`<span class="bad">${wrong.map((error) => `${error.pointer.slice(pointer.length)} ${error.message}`.trim()).join("; ")}</span>` : field.help}</p>
    </div>`;
  });
}

const READ_ONLY = ["revision", "used_by", "id", "zone"];

export function strip(object) {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !READ_ONLY.includes(key)));
}

// Edits OBJECT (null: a new one) of COLLECTION. WHERE is its path; fields that make its id are locked once it exists. An object is sent with
// null members left out: they are what holds without them. EXTRA draws what no field can, and tells by SHOWN whose errors it shows; SETTLE
// gets the value before and after a change and may adapt what depends on it.
export function ObjectForm({ collection, where, object, initial, fields, idKeys = ["name"], onDone, onCancel, deletable = true, extra, settle, shown = [] }) {
  const [value, set] = useState(() => (object ? strip(object) : initial || {}));
  const [comment, say] = useState("");
  const [errors, setErrors] = useState([]);
  const [failure, fail] = useState(null);
  const [preview, setPreview] = useState(null);
  const [busy, setBusy] = useState(false);
  const [wanted, want] = useState([]);
  const [typed, type] = useState({});
  const confirm = confirmed(wanted, typed);
  const touched = useRef(false);
  const nameOf = () => (object ? where : `${collection}/${idKeys.map((key) => read(value, key)).join("/")}`).split("/").map(decodeURIComponent).join("/");
  const send = (dry) => {
    const why = comment.trim() || `${object ? "change" : "create"} ${nameOf()}`;
    const body = Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null));
    const to = query(object ? where : collection, { dry_run: dry, confirm });
    return object ? put(to, body, { etag: object.revision, comment: why }) : post(to, body, { comment: why });
  };
  const change = (next) => {
    touched.current = true;
    want([]);
    type({});
    set(settle ? settle(value, next) : next);
  };
  useEffect(() => {
    if (!touched.current) return undefined;
    const timer = setTimeout(() => {
      send(true).then((answer) => {
        setErrors([]);
        setPreview(answer.changes || []);
        if (!confirm) want([]);
        fail(null);
      }, (problem) => {
        setPreview(null);
        setErrors(problem.errors || []);
        want((before) => [...new Set([...before, ...wantedBy(problem)])]);
        fail(problem.errors && problem.errors.length ? null : problem);
      });
    }, CHECK_MS);
    return () => clearTimeout(timer);
  }, [JSON.stringify(value), confirm]);
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    try {
      const saved = await send(false);
      onDone(saved);
    } catch (problem) {
      setErrors(problem.errors || []);
      want(wantedBy(problem));
      fail(problem);
      setBusy(false);
    }
  };
  const fieldPointers = [...shown, ...fields.map((field) => "/" + field.key.replaceAll(".", "/"))];
  const elsewhere = errors.filter((error) => !fieldPointers.some((pointer) => error.pointer === pointer || error.pointer.startsWith(pointer + "/")));
  return html`<form class="form" onSubmit=${submit} novalidate>
    <div class="fields"><${Fields} fields=${fields} value=${value} onChange=${change} errors=${errors} locked=${object ? idKeys : []} /></div>
    ${extra && extra(value, change, errors)}
    ${elsewhere.map((error) => html`<p class="bad" key=${error.pointer}>${error.pointer} ${error.message}</p>`)}
    <${Failure} error=${failure} />
    <${Confirm} ids=${wanted} typed=${typed} onType=${type} />
    ${preview && preview.length > 0 && html`<details><summary>What this changes</summary><${Changes} changes=${preview} /></details>`}
    <div class="field wide"><label for="comment-${collection}">Why</label><input id="comment-${collection}" type="text" maxlength="200" value=${comment} onInput=${(event) => say(event.target.value)} placeholder="kept with the revision" autocomplete="off" /><p class="help"></p></div>
    <footer><button type="submit" class="primary" disabled=${busy || confirm !== wanted.join()}>${object ? "Deploy" : "Create and deploy"}</button>
      <button type="button" class="quiet" onClick=${onCancel}>Cancel</button>
      ${object && deletable && html`<${DeleteButton} where=${where} name=${where.split("/").map(decodeURIComponent).slice(1).join("/")} revision=${object.revision} onDone=${() => onDone(null)} />`}</footer>
  </form>`;
}

// Asks once more in place; what uses the object is named when it cannot go. CONFIRM: the name must be typed, as it must where a site would
// lose a prefix.
export function DeleteButton({ where, name, revision, onDone, confirm = false }) {
  const [asking, ask] = useState(false);
  const [typed, type] = useState("");
  const [failure, fail] = useState(null);
  const [wanted, want] = useState([]);
  const byName = confirm || wanted.length > 0;
  const go = async () => {
    try {
      await remove(query(where, { confirm: wanted.join() }), { etag: revision, comment: `delete ${name}` });
      onDone();
    } catch (problem) {
      fail(problem);
      want(wantedBy(problem));
      ask(wantedBy(problem).length > 0);
    }
  };
  if (!asking) return html`<span class="delete"><button type="button" class="danger quiet" onClick=${() => { fail(null); ask(true); }}>Delete</button><${Failure} error=${failure} /></span>`;
  return html`<span class="delete">${wanted.length > 0 && html`<${Failure} error=${failure} />`}${byName
    ? html`<label>Type ${name} to delete it <input type="text" value=${typed} onInput=${(event) => type(event.target.value)} autocomplete="off" /></label>`
    : html`<span>Delete ${name}?</span>`}
    <button type="button" class="danger" disabled=${byName && typed !== name} onClick=${go}>Delete</button><button type="button" class="quiet" onClick=${() => ask(false)}>Keep</button></span>`;
}
