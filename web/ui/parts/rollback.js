// Knows how one goes back to an earlier revision: what that would change is shown before it does.
import { html, useEffect, useState } from "../html.js";
import { post, query } from "../api.js";
import { Confirm, confirmed, wantedBy } from "./confirm.js";
import { Changes } from "./diff.js";
import { Dialog } from "./dialog.js";
import { Failure } from "./page.js";

// FROM: the revision that is gone back from; when another has come since, nothing is done.
export function RollBack({ revision, from, why = `roll back to revision ${revision}`, onClose, onDone = onClose }) {
  const [dry, set] = useState(null);
  const [failure, fail] = useState(null);
  const [comment, say] = useState(why);
  const [wanted, want] = useState([]);
  const [typed, type] = useState({});
  const confirm = confirmed(wanted, typed), where = `revisions/${revision}/rollback`;
  const refused = (problem) => {
    set(null);
    fail(problem);
    want((before) => [...new Set([...before, ...wantedBy(problem)])]);
  };
  useEffect(() => {
    post(query(where, { dry_run: true, confirm })).then((answer) => { fail(null); set(answer); }, refused);
  }, [revision, confirm]);
  const go = async () => {
    try {
      await post(query(where, { confirm }), undefined, { etag: from, comment });
      onDone();
    } catch (problem) {
      refused(problem);
    }
  };
  return html`<${Dialog} title="Roll back to revision ${revision}" onClose=${onClose} wide>
    <p>A new revision makes everything as it was at ${revision}. Nothing of the history is lost.</p>
    <${Failure} error=${failure} />${dry ? html`<${Changes} changes=${dry.changes} />` : !failure && html`<p class="wait">Finding what differs</p>`}
    <${Confirm} ids=${wanted} typed=${typed} onType=${type} />
    <div class="field"><label for="rollback-why">Why</label><input id="rollback-why" type="text" maxlength="200" value=${comment} onInput=${(event) => say(event.target.value)} /></div>
    <footer><button class="primary" disabled=${!dry || dry.changes.length === 0} onClick=${go}>Roll back</button><button class="quiet" onClick=${onClose}>Cancel</button></footer><//>`;
}
