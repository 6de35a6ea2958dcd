// One token: what it may do, who uses it and for what.
import { html, useEffect, useState } from "./preact_htm.js";
import { api } from "./api.js";
import { Chart, count, Problem, Refusals, relative, shownDate, Status } from "./parts.js";

const sum = (row) => row.ok + row.error + row.refused;
const limitsOf = (rules) => [...rules.allow, ...rules.deny.map((one) => `not ${one}`)].join(", ");

function Facts({ token }) {
  const rows = [
    ["May", token.scopes.join(", ") || "what the policy lets a token without scopes do"],
    ["Rate limit", token.rate_limit ? `${count(token.rate_limit)} requests an hour` : "none"],
    ["Networks", limitsOf(token.networks) || "any"],
    ["Tools", limitsOf(token.tools) || "all that its scopes allow"],
    ["Created", shownDate(token.created_at)],
    ["Expires", token.expires_at ? `${shownDate(token.expires_at)} (${relative(token.expires_at)})` : "never"],
    ["Owner", token.owner || "nobody"],
  ];
  return html`<dl class="facts">${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd><bdi>${value}</bdi></dd></div>`)}</dl>`;
}

function Generations({ usage, token }) {
  if (usage.generations.length === 0) return null;
  return html`<h2 id="who">Who uses it</h2><div class="card table"><table aria-labelledby="who"><thead><tr><th scope="col">Generation</th><th scope="col">Calls</th>
    <th scope="col">Last used</th><th scope="col">From</th><th scope="col">By</th></tr></thead><tbody>${usage.generations.map((row) => html`<tr>
    <td>${row.generation}${row.generation === token.generation ? " (current)" : ""}</td><td data-h="Calls" class="num">${count(row.calls)}</td>
    <td data-h="Last used">${relative(row.last_used_at)}</td><td data-h="From" class="mono">${row.address || ""}</td><td data-h="By"><bdi>${row.client || ""}</bdi></td></tr>`)}</tbody></table></div>`;
}

function Tools({ usage }) {
  if (usage.tools.length === 0) return null;
  return html`<h2 id="tools">By tool</h2><div class="card table"><table aria-labelledby="tools"><thead><tr><th scope="col">Tool</th><th scope="col">Answered</th>
    <th scope="col">With an error</th><th scope="col">Refused</th></tr></thead><tbody>${usage.tools.map((row) => html`<tr><td class="mono"><bdi>${row.tool}</bdi></td>
    <td data-h="Answered" class="num">${count(row.ok)}</td><td data-h="With an error" class="num">${count(row.error)}</td>
    <td data-h="Refused" class="num">${count(row.refused)}</td></tr>`)}</tbody></table></div>`;
}

export function Token({ id, onAct, version }) {
  const [token, setToken] = useState(null);
  const [usage, setUsage] = useState(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    Promise.all([api.get(id), api.usage(id)]).then(([one, use]) => {
      setToken(one);
      setUsage(use);
      setProblem("");
    }, (fault) => setProblem(fault.message));
  }, [id, version]);
  if (problem) return html`<h1>API Token</h1><${Problem} text=${problem}/><a href="#/">All tokens</a>`;
  if (!token || !usage) return html`<p class="hint" role="status">Loading</p>`;
  const total = usage.days.reduce((all, row) => all + sum(row), 0);
  const good = usage.days.reduce((all, row) => all + row.ok, 0);
  const button = (action, label, kind = "") => html`<button class=${kind} onClick=${() => onAct(action, token)}>${label}</button>`;
  return html`<p><a href="#/">All tokens</a></p>
    <div class="row"><div><h1><bdi>${token.name}</bdi></h1><p class="sub mono">${token.id}${token.generation > 1 ? ` · generation ${token.generation}` : ""} <${Status} token=${token}/></p></div>
      <div class="row push">${token.status !== "revoked" && html`${button("rotate", "Rotate")}
        ${token.status === "suspended" || token.status === "idle" ? button("resume", "Resume") : token.status === "active" && button("suspend", "Suspend")}
        ${button("revoke", "Revoke", "danger")}`}</div></div>
    ${token.previous && html`<ul class="needs"><li><span>The text before the last rotation is valid until ${shownDate(token.previous.valid_until)} (${relative(token.previous.valid_until)}).${" "}<span class="why">${token.previous.calls_since > 0 ? `Used since: ${count(token.previous.calls_since)} times, last ${relative(token.previous.last_used_at)}.` : "Nobody has used it since."}</span></span></li></ul>`}
    <div class="grid2"><div class="card"><div class="row"><b>Calls, 14 days</b><span class="hint push"><span class="mark">■</span> answered <span class="mark-bad">■</span> refused</span></div>
      <${Chart} usage=${usage}/></div>
      <div class="card"><div class="figure num" id="usage-count">${count(usage.usage_count)}<small>calls in all</small></div>
        <div class="figure num">${total === 0 ? "—" : `${((100 * good) / total).toFixed(1)} %`}<small>answered without an error</small></div>
        <div class="figure">${relative(usage.last_used_at)}<small>last used</small></div></div></div>
    <${Generations} usage=${usage} token=${token}/><${Tools} usage=${usage}/><${Refusals} rows=${usage.refusals}/>
    <h2>What it is</h2><div class="card"><${Facts} token=${token}/></div>`;
}
