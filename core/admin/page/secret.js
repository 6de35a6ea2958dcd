// A new text: shown once, with the file of the reader's own client below it.
import { html, useEffect, useState } from "./preact_htm.js";
import { api } from "./api.js";

export function Secret({ token, onDone }) {
  const [copied, setCopied] = useState("");
  const [clients, setClients] = useState([]);
  const [chosen, setChosen] = useState(0);
  useEffect(() => {
    api.clients().then(setClients, () => {});
  }, []);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(token.token);
      setCopied("Copied");
    } catch {
      setCopied("The browser does not let this page copy; select the text instead.");
    }
  };
  const step = (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const next = (chosen + by + clients.length) % clients.length;
    setChosen(next);
    event.currentTarget.children[next].focus();
  };
  return html`<section class="card once" aria-labelledby="once">
    <b id="once">Copy it now. It is shown this once and kept nowhere.</b>
    <div class="secret"><code id="secret">${token.token}</code>
      <button class="primary" onClick=${copy}>Copy</button></div>
    <p class="hint" role="status">${copied}</p>
    ${clients.length > 0 && html`
      <div class="tabs" role="tablist" aria-label="Your client" onKeyDown=${step}>
        ${clients.map((client, at) => html`<button role="tab" id="tab-${at}" aria-controls="client-text"
          aria-selected=${at === chosen} tabindex=${at === chosen ? 0 : -1} onClick=${() => setChosen(at)}>${client.title}</button>`)}
      </div>
      <pre id="client-text" role="tabpanel" aria-labelledby="tab-${chosen}" tabindex="0">${clients[chosen].text}</pre>`}
    <div class="row"><button onClick=${onDone}>I have it</button></div>
  </section>`;
}
