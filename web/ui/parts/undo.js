// Knows that a deploy can be taken back for ten minutes, by a new revision that restores the one before.
import { html, useEffect, useState } from "../html.js";
import { post } from "../api.js";
import { may, newest, session, useCell } from "../store.js";
import { Ago, now } from "./since.js";

const OFFERED_MS = 10 * 60 * 1000;

export function Undo() {
  const revision = useCell(newest);
  const [dismissed, dismiss] = useState(0);
  const [error, fail] = useState("");
  const [, tick] = useState(0);
  useEffect(() => {
    fail("");
    const timer = setInterval(() => tick((n) => n + 1), 10000);
    return () => clearInterval(timer);
  }, [revision && revision.revision]);
  if (!revision || revision.revision < 2 || dismissed === revision.revision || !may("operator")) return null;
  if (revision.author !== session.get().user || now() - Date.parse(revision.time) > OFFERED_MS) return null;
  const undo = async () => {
    try {
      await post(`revisions/${revision.revision - 1}/rollback`, undefined, { etag: revision.revision, comment: `undo of revision ${revision.revision}` });
      dismiss(revision.revision + 1);
    } catch (problem) {
      fail(problem.status === 412 ? "Another revision came in between; look at it first." : problem.message);
    }
  };
  return html`<div class="undo" role="status">
    <span>Revision <a href="/revisions?n=${revision.revision}">${revision.revision}</a> is live${revision.comment ? `: ${revision.comment}` : ""}, <${Ago} time=${revision.time} />.</span>
    ${error && html`<span class="bad">${error}</span>`}
    <button onClick=${undo}>Undo</button><button class="quiet" onClick=${() => dismiss(revision.revision)}>Dismiss</button>
  </div>`;
}
