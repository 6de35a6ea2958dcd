// What needs you, then every token.
import { html } from "./preact_htm.js";
import { daysSince, daysUntil, isolated, Refusals, relative, shownDate, Sparkline, Status } from "./parts.js";

// One line each, with the one thing to do.
export function needsOf(tokens) {
  const out = [];
  for (const token of tokens) {
    if (token.status !== "active") continue;
    const used = token.last_used_at ? `Used ${relative(token.last_used_at)}.` : "It was never used.";
    if (daysUntil(token.expires_at) < 7)
      out.push({ token, what: `expires ${relative(token.expires_at)}.`, why: used, action: "rotate", label: "Rotate" });
    else if (token.previous?.calls_since > 0)
      out.push({ token, what: "the old generation is still in use.", why: `Last ${relative(token.previous.last_used_at)}. It ends ${relative(token.previous.valid_until)}.`, action: "open", label: "Who is it?" });
    else if (daysSince(token.last_used_at || token.created_at) > 30)
      out.push({ token, what: `was not used for ${Math.floor(daysSince(token.last_used_at || token.created_at))} days.`, why: "", action: "suspend", label: "Suspend" });
  }
  return out;
}

function Needs({ needs, onAct }) {
  if (needs.length === 0) return null;
  return html`<h2 id="needs">Needs you</h2><ul class="needs" aria-labelledby="needs">${needs.map((need) => html`<li key=${need.token.id}>
    <span><b><bdi>${need.token.name}</bdi></b> ${need.what} <span class="why">${need.why}</span></span>
    <button aria-label="${need.label}: ${isolated(need.token.name)}" onClick=${() => onAct(need.action, need.token)}>${need.label}</button></li>`)}</ul>`;
}

function Row({ token, usage, onAct }) {
  return html`<tr key=${token.id}>
    <td><a href="#/token/${token.id}"><b><bdi>${token.name}</bdi></b></a><span class="sub mono">${token.id}${token.generation > 1 ? ` · generation ${token.generation}` : ""}</span></td>
    <td data-h="May">${token.scopes.map((scope) => html`<span class="chip">${scope}</span>`)}</td>
    <td><${Status} token=${token}/></td>
    <td data-h="Last used">${relative(token.last_used_at)}<span class="sub">${shownDate(token.last_used_at)}</span></td>
    <td data-h="7 days"><${Sparkline} usage=${usage}/></td>
    <td data-h="Expires" class="num">${token.status === "revoked" ? "—" : relative(token.expires_at)}
      <span class="sub">${token.status === "revoked" ? html`<bdi>${token.revoked_because || ""}</bdi>` : shownDate(token.expires_at)}</span></td>
    <td data-h="Created" class="num">${shownDate(token.created_at)}</td>
    <td class="acts">${token.status === "active" && html`<button class="quiet" aria-label="Rotate ${isolated(token.name)}" onClick=${() => onAct("rotate", token)}>Rotate</button>`}
      ${token.status !== "revoked" && html`<button class="quiet danger" aria-label="Revoke ${isolated(token.name)}" onClick=${() => onAct("revoke", token)}>Revoke</button>`}</td>
  </tr>`;
}

export function List({ tokens, total, usages, refusals, onAct }) {
  return html`<div class="row"><div><h1>API Tokens</h1>
      <p class="lead">Each program gets its own token, so that you can see what it does and take it away.</p></div>
      <a class="btn primary push" href="#/new">Generate Token</a></div>
    ${tokens.length === 0 ? html`<div class="card empty"><b>No tokens yet</b>Generate one for the first program that may call this server.</div>` : html`
      <${Needs} needs=${needsOf(tokens)} onAct=${onAct}/>
      <h2 id="all">All tokens</h2>
      <div class="card table"><table aria-labelledby="all"><thead><tr><th scope="col">Name</th><th scope="col">May</th><th scope="col">Status</th>
        <th scope="col">Last used</th><th scope="col">7 days</th><th scope="col">Expires</th><th scope="col">Created</th><th scope="col"><span class="hidden">Actions</span></th></tr></thead>
        <tbody>${tokens.map((token) => html`<${Row} key=${token.id} token=${token} usage=${usages[token.id]} onAct=${onAct}/>`)}</tbody></table></div>
      ${total > tokens.length && html`<p class="hint">The first ${tokens.length} of ${total}. The rest: gatehouse token list.</p>`}`}
      <${Refusals} rows=${refusals}/>`;
}
