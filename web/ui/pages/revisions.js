// Who changed what, when and why; what exactly; and the way back.
import { html, useEffect, useState } from "../html.js";
import { list, query } from "../api.js";
import { useQuery } from "../router.js";
import { follow, may, useLive } from "../store.js";
import { Changes } from "../parts/diff.js";
import { Empty, Failure, Loaded, Page, Panel } from "../parts/page.js";
import { RollBack } from "../parts/rollback.js";
import { Ago, exact } from "../parts/since.js";

const PAGE = 50;

function One({ number, newest }) {
  const live = useLive(`revisions/${number}`);
  const [rolling, roll] = useState(false);
  return html`<${Panel} title="Revision ${number}" actions=${may("operator") && newest && Number(number) < newest && html`<button onClick=${() => roll(true)}>Roll back to here</button>`}>
    <${Loaded} live=${live}>${(revision) => html`<p>${exact(revision.time)} by <strong>${revision.author}</strong>${revision.comment && html`: ${revision.comment}`}</p><${Changes} changes=${revision.changes} />`}<//>
    ${rolling && html`<${RollBack} revision=${number} onClose=${() => roll(false)} />`}<//>`;
}

export default function Revisions() {
  const [at] = useQuery();
  const [page, set] = useState({ items: null, next: null });
  const [error, fail] = useState(null);
  useEffect(() => {
    let wanted = true;
    const ask = () => list(query("revisions", { limit: PAGE })).then((answer) => wanted && set(answer), (problem) => wanted && fail(problem));
    ask();
    const leave = follow(["revision"], ask);
    return () => {
      wanted = false;
      leave();
    };
  }, []);
  const more = () => list(query("revisions", { limit: PAGE, cursor: page.next })).then((answer) => set({ ...answer, items: [...page.items, ...answer.items] }), fail);
  const newest = page.items && page.items.length ? page.items[0].revision : 0;
  return html`<${Page} title="Revisions" subtitle="Every change of the configuration is one numbered revision.">
    <${Failure} error=${error} />
    ${at.n && html`<${One} key=${at.n} number=${at.n} newest=${newest} />`}
    <${Panel} flush>${page.items === null ? html`<p class="wait">Loading</p>` : page.items.length === 0 ? html`<${Empty} title="No revisions"><p>The first change makes revision 1.</p><//>` : html`<div class="scroll"><table class="rows"><thead><tr><th scope="col">Revision</th><th scope="col">When</th><th scope="col">Who</th><th scope="col">Why</th><th scope="col" class="num">Objects</th></tr></thead><tbody>
      ${page.items.map((revision) => html`<tr key=${revision.revision} class=${String(revision.revision) === at.n ? "chosen" : ""}><td><a href="/revisions?n=${revision.revision}">${revision.revision}</a></td><td class="nowrap"><${Ago} time=${revision.time} /></td><td>${revision.author}</td><td class="reason">${revision.comment || html`<span class="dim">–</span>`}</td><td class="num">${Array.isArray(revision.changes) ? revision.changes.length : revision.changes}</td></tr>`)}</tbody></table></div>`}<//>
    ${page.next && html`<p class="more"><button onClick=${more}>Older</button></p>`}
  <//>`;
}
