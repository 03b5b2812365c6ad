// The log-in: the only thing that is shown to nobody.
import { html, useEffect, useState } from "../html.js";
import { post } from "../api.js";
import { readSession } from "../store.js";

export function LogIn() {
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const [error, fail] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    document.title = "Log in - Meridian";
    document.getElementById("user").focus();
  }, []);
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    fail("");
    try {
      await post("session", { user, password });
      await readSession({ sure: true });
    } catch (problem) {
      fail(problem.message);
      setBusy(false);
    }
  };
  return html`<main class="login"><form onSubmit=${submit}>
    <h1><img src="/icon.svg" alt="" width="28" height="28" /> Meridian</h1>
    <div class="field"><label for="user">User</label><input id="user" name="user" autocomplete="username" required value=${user} onInput=${(event) => setUser(event.target.value)} spellcheck=${false} autocapitalize="none" /></div>
    <div class="field"><label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password" required value=${password} onInput=${(event) => setPassword(event.target.value)} /></div>
    <p class="bad" role="alert">${error}</p>
    <button type="submit" class="primary" disabled=${busy}>Log in</button>
    <p class="dim">The first password of “admin” was shown once in the terminal or the journal at the first start. Another: <code>meridian user add NAME --role admin</code></p>
  </form></main>`;
}
