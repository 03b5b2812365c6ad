// One time line of everything that happened, with its filters in the address.
import { html, useEffect, useState } from "../html.js";
import { list, query } from "../api.js";
import { useQuery } from "../router.js";
import { follow } from "../store.js";
import { Export } from "../parts/csv.js";
import { EventRows } from "../parts/events.js";
import { Empty, Failure, Page, Panel } from "../parts/page.js";
import { now } from "../parts/since.js";

const KINDS = ["endpoint", "pool", "prefix", "session", "config", "daemon"];
const SPANS = [["", "all time"], ["1h", "last hour"], ["24h", "last 24 hours"], ["7d", "last 7 days"]];
const MS = { "1h": 3600e3, "24h": 86400e3, "7d": 7 * 86400e3 };
const COLUMNS = ["time", "daemon", "kind", "object", "from", "to", "reason", "actor"];
const PAGE = 100;

function where(filter, cursor) {
  return query("events", { kind: filter.kind, object: filter.object, since: MS[filter.span] ? new Date(now() - MS[filter.span]).toISOString() : "", order: filter.order, limit: PAGE, cursor });
}

export default function Events() {
  const [filter, set] = useQuery();
  const [page, setPage] = useState({ items: null, next: null });
  const [error, fail] = useState(null);
  const key = JSON.stringify(filter);
  useEffect(() => {
    let wanted = true, timer = 0;
    const ask = () => list(where(filter)).then((answer) => wanted && (fail(null), setPage(answer)), (problem) => wanted && fail(problem));
    ask();
    const leave = follow(["event"], () => {
      clearTimeout(timer);
      timer = setTimeout(ask, 250);
    });
    return () => {
      wanted = false;
      clearTimeout(timer);
      leave();
    };
  }, [key]);
  const more = async () => {
    try {
      const answer = await list(where(filter, page.next));
      setPage({ ...answer, items: [...page.items, ...answer.items] });
    } catch (problem) {
      fail(problem);
    }
  };
  return html`<${Page} title="Events" actions=${page.items && html`<${Export} name="events" columns=${COLUMNS} rows=${page.items} />`}>
    <div class="filters" role="search">
      <label>Kind <select value=${filter.kind || ""} onChange=${(event) => set({ kind: event.target.value })}><option value="">every kind</option>${KINDS.map((kind) => html`<option key=${kind} value=${kind}>${kind}</option>`)}</select></label>
      <label>Object <input type="search" value=${filter.object || ""} placeholder="endpoint/eu/eu1" onChange=${(event) => set({ object: event.target.value.trim() })} autocomplete="off" spellcheck=${false} /></label>
      <label>Time <select value=${filter.span || ""} onChange=${(event) => set({ span: event.target.value })}>${SPANS.map(([value, words]) => html`<option key=${value} value=${value}>${words}</option>`)}</select></label>
      <label>Order <select value=${filter.order || ""} onChange=${(event) => set({ order: event.target.value })}><option value="">newest first</option><option value="oldest">oldest first</option></select></label>
    </div>
    <${Failure} error=${error} />
    <${Panel} flush>${page.items === null ? html`<p class="wait">Loading</p>` : page.items.length === 0 ? html`<${Empty} title="No events"><p>Nothing that matches has happened.</p><//>` : html`<${EventRows} events=${page.items} />`}<//>
    ${page.next && html`<p class="more"><button onClick=${more}>Older</button></p>`}
  <//>`;
}
