// Knows that a deploy can be taken back for ten minutes, by a new revision that restores the one before.
import { html, useEffect, useState } from "../html.js";
import { post } from "../api.js";
import { wantedBy } from "./confirm.js";
import { RollBack } from "./rollback.js";
import { may, newest, session, useCell } from "../store.js";
import { Ago, now } from "./since.js";

const OFFERED_MS = 10 * 60 * 1000;

export function Undo() {
  const revision = useCell(newest);
  const [dismissed, dismiss] = useState(0);
  const [error, fail] = useState("");
  const [asking, ask] = useState(false);
  const [, tick] = useState(0);
  useEffect(() => {
    fail("");
    ask(false);
    const timer = setInterval(() => tick((n) => n + 1), 10000);
    return () => clearInterval(timer);
  }, [revision && revision.revision]);
  if (!revision || revision.revision < 2 || dismissed === revision.revision || !may("operator")) return null;
  if (revision.author !== session.get().user || now() - Date.parse(revision.time) > OFFERED_MS) return null;
  const before = revision.revision - 1, why = `undo of revision ${revision.revision}`;
  const done = () => dismiss(revision.revision + 1);
  const undo = async () => {
    try {
      await post(`revisions/${before}/rollback`, undefined, { etag: revision.revision, comment: why });
      done();
    } catch (problem) {
      if (wantedBy(problem).length > 0) return ask(true);
      fail(problem.status === 412 ? "Another revision came in between; look at it first." : problem.message);
    }
  };
  return html`<div class="undo" role="status">
    <span>Revision <a href="/revisions?n=${revision.revision}">${revision.revision}</a> is live${revision.comment ? `: ${revision.comment}` : ""}, <${Ago} time=${revision.time} />.</span>
    ${error && html`<span class="bad">${error}</span>`}
    <button onClick=${undo}>Undo</button><button class="quiet" onClick=${() => dismiss(revision.revision)}>Dismiss</button>
    ${asking && html`<${RollBack} revision=${before} from=${revision.revision} why=${why} onClose=${() => ask(false)} onDone=${done} />`}
  </div>`;
}
