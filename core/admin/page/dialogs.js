// What asks before it acts.
import { html, useState } from "./preact_htm.js";
import { api } from "./api.js";
import { Dialog, Problem } from "./parts.js";

function Confirm({ title, children, label, kind, run, onClose }) {
  const [problem, setProblem] = useState("");
  const send = async (event) => {
    event.preventDefault();
    try {
      await run();
    } catch (fault) {
      setProblem(fault.message);
    }
  };
  return html`<${Dialog} title=${title} onClose=${onClose}><form onSubmit=${send}>${children}<${Problem} text=${problem}/>
    <div class="row"><button class=${kind} type="submit">${label}</button><button type="button" class="quiet" onClick=${onClose}>Cancel</button></div></form></${Dialog}>`;
}

export function Revoke({ token, onDone, onClose }) {
  const [reason, setReason] = useState("");
  return html`<${Confirm} title=${html`Revoke <bdi>${token.name}</bdi>?`} label="Revoke" kind="danger solid" onClose=${onClose}
      run=${async () => { await api.revoke(token.id, reason.trim()); onDone(); }}>
    <p>It stops working at once, everywhere, and cannot be brought back. Calls under way are ended.</p>
    <label class="field" for="reason"><span>Why</span><input id="reason" type="text" maxlength="200" autocomplete="off" value=${reason} onInput=${(event) => setReason(event.target.value)}/>
      <span class="hint">Shown to whoever asks later. May be empty.</span></label></${Confirm}>`;
}

const overlaps = [["0s", "At once"], ["1h", "In an hour"], ["24h", "In a day"], ["7d", "In 7 days"], ["30d", "In 30 days"]];

export function Rotate({ token, onDone, onClose }) {
  const [overlap, setOverlap] = useState("24h");
  const replace = Boolean(token.previous);
  return html`<${Confirm} title=${html`Rotate <bdi>${token.name}</bdi>?`} label="Rotate" kind="primary" onClose=${onClose}
      run=${async () => onDone(await api.rotate(token.id, { overlap, replace }))}>
    <p>It gets a new text; its name, scopes and limits stay.${replace && " The text before the present one ends now."}</p>
    <fieldset><legend>The present text ends</legend><div class="stack">${overlaps.map(([value, label]) => html`<label><input type="radio" name="overlap" value=${value}
      checked=${overlap === value} onChange=${() => setOverlap(value)}/> ${label}</label>`)}</div></fieldset></${Confirm}>`;
}
