// "Generate Token".
import { html, useEffect, useRef, useState } from "./preact_htm.js";
import { api } from "./api.js";
import { Problem, shownDate } from "./parts.js";

const presets = [
  ["Read only", (scope) => scope.startsWith("read:")],
  ["Everyday", (scope) => scope === "execute:mcp" || scope.startsWith("read:")],
  ["Everything", () => true],
];
const lives = [7, 30, 90, 365];
const listOf = (text) => text.split(/[\s,]+/).filter(Boolean);

// What is wrong with it, by field; empty when nothing is.
function faultsOf(wish) {
  const faults = {};
  if (!wish.name.trim()) faults.name = "Give it a name, such as the program that will use it.";
  if (wish.scopes.length === 0) faults.scopes = "Choose at least one.";
  const days = Number(wish.days);
  if (!Number.isInteger(days) || days < 1 || days > 365) faults.days = "1 to 365 days.";
  const rate = Number(wish.rate);
  if (!Number.isInteger(rate) || rate < 1) faults.rate = "A number of 1 or more.";
  return faults;
}

function requestOf(wish) {
  const out = { name: wish.name.trim(), scopes: wish.scopes, expires_in_days: Number(wish.days), rate_limit: Number(wish.rate) };
  if (listOf(wish.networks).length) out.networks = { allow: listOf(wish.networks) };
  if (listOf(wish.tools).length) out.tools = { allow: listOf(wish.tools) };
  return out;
}

const Fault = ({ id, text }) => text ? html`<span class="fault" id=${id}>${text}</span>` : null;

function Field({ id, label, hint, fault, ...input }) {
  return html`<label class="field" for=${id}><span>${label}</span>
    <input id=${id} aria-describedby="${id}-hint" aria-invalid=${Boolean(fault)} ...${input}/>
    <span class="hint" id="${id}-hint">${fault ? html`<${Fault} text=${fault}/>` : hint}</span></label>`;
}

export function Form({ onMade, onCancel }) {
  const [scopes, setScopes] = useState([]);
  const [wish, setWish] = useState({ name: "", scopes: ["execute:mcp", "read:tasks"], days: "90", rate: "1000", networks: "", tools: "" });
  const [tried, setTried] = useState(false);
  const [problem, setProblem] = useState("");
  const first = useRef();
  useEffect(() => {
    first.current?.querySelector("input").focus();
    api.scopes().then((answer) => setScopes(answer.data), (fault) => setProblem(fault.message));
  }, []);
  const set = (name) => (event) => setWish({ ...wish, [name]: event.target.value });
  const faults = tried ? faultsOf(wish) : {};
  const toggle = (scope) => setWish({
    ...wish, scopes: wish.scopes.includes(scope) ? wish.scopes.filter((one) => one !== scope) : [...wish.scopes, scope],
  });
  const send = async (event) => {
    event.preventDefault();
    setTried(true);
    setProblem("");
    if (Object.keys(faultsOf(wish)).length) return;
    try {
      onMade(await api.create(requestOf(wish)));
    } catch (fault) {
      setProblem(fault.message);
    }
  };
  const end = new Date(Date.now() + Number(wish.days) * 86_400_000);
  return html`<h1>Generate Token</h1>
    <form class="card" noValidate onSubmit=${send} ref=${first}>
      <${Field} id="name" label="Name" type="text" maxlength="200" autocomplete="off" value=${wish.name} onInput=${set("name")}
        hint="Shown in lists, logs and to your colleagues. Not a secret." fault=${faults.name}/>
      <fieldset aria-describedby="scopes-fault"><legend>Scopes</legend>
        <div class="row tight">${presets.map(([name, takes]) => html`<button type="button"
          onClick=${() => setWish({ ...wish, scopes: scopes.map((one) => one.scope).filter(takes) })}>${name}</button>`)}</div>
        <div class="scopes">${scopes.map(({ scope, description }) => html`<label><input type="checkbox" name="scope" value=${scope}
          checked=${wish.scopes.includes(scope)} onChange=${() => toggle(scope)}/>
          <span><code>${scope}</code><span class="hint block">${description}</span></span></label>`)}</div>
        <${Fault} id="scopes-fault" text=${faults.scopes}/></fieldset>
      <fieldset><legend>Expiry</legend>
        <div class="seg">${lives.map((days) => html`<label><input type="radio" name="life" checked=${wish.days === String(days)}
          onChange=${() => setWish({ ...wish, days: String(days) })}/><span>${days === 365 ? "1 year" : `${days} days`}</span></label>`)}</div>
        <${Field} id="days" label="Days" type="number" min="1" max="365" step="1" value=${wish.days} onInput=${set("days")}
          hint=${Number.isNaN(end.getTime()) ? "1 to 365" : `It ends on ${shownDate(end)}.`} fault=${faults.days}/></fieldset>
      <${Field} id="rate" label="Rate Limit" type="number" min="1" step="1" value=${wish.rate} onInput=${set("rate")}
        hint="Requests in any hour." fault=${faults.rate}/>
      <details><summary>Limit it further</summary>
        <${Field} id="networks" label="Networks" type="text" autocomplete="off" value=${wish.networks} onInput=${set("networks")}
          hint="Addresses or ranges that it may be used from, such as 10.0.0.0/8. Empty: from anywhere."/>
        <${Field} id="tools" label="Tools" type="text" autocomplete="off" value=${wish.tools} onInput=${set("tools")}
          hint="Tools that it may call; * stands for any text. Empty: all that its scopes allow."/></details>
      <${Problem} text=${problem}/>
      <div class="row"><button class="primary" type="submit">Generate Token</button>
        <button type="button" class="quiet" onClick=${onCancel}>Cancel</button></div>
    </form>`;
}
