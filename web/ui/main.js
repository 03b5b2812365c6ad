// Begins: the theme, who is here, then the shell or the log-in.
import { html, render, useEffect } from "./html.js";
import { catchLinks } from "./router.js";
import { readSession, session, startStream, useCell } from "./store.js";
import { applyTheme } from "./theme.js";
import { Shell } from "./shell.js";
import { LogIn } from "./pages/login.js";

function App() {
  const who = useCell(session);
  useEffect(() => {
    if (who && !who.failed) startStream();
  }, [who]);
  if (who === undefined) return html`<p class="boot">Meridian</p>`;
  if (who === null) return html`<${LogIn} />`;
  if (who.failed) return html`<div class="boot" role="alert"><p>${who.failed}</p><button onClick=${() => readSession({ sure: true })}>Try again</button></div>`;
  return html`<${Shell} who=${who} />`;
}

applyTheme();
catchLinks();
readSession();
const root = document.getElementById("app");
root.textContent = "";
render(html`<${App} />`, root);
