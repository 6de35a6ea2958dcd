// Small parts that every view uses.
import { html, useEffect, useRef } from "./preact_htm.js";

const day = 86_400_000;
const unit = (count, name) => `${count} ${name}${count === 1 ? "" : "s"}`;

// "2 min ago", "in 5 days"; the date stands below where there is room.
export function relative(text, now = Date.now()) {
  if (!text) return "never";
  const gap = new Date(text).getTime() - now;
  const away = Math.abs(gap);
  const words = away < 90_000 ? "a minute"
    : away < 5_400_000 ? `${Math.round(away / 60_000)} min`
    : away < 36 * 3_600_000 ? unit(Math.round(away / 3_600_000), "hour")
    : unit(Math.round(away / day), "day");
  return gap < 0 ? `${words} ago` : `in ${words}`;
}

export const shownDate = (text) => text
  ? new Date(text).toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" }) : "";
export const daysUntil = (text) => text ? (new Date(text).getTime() - Date.now()) / day : Infinity;
export const daysSince = (text) => text ? (Date.now() - new Date(text).getTime()) / day : Infinity;
export const count = (number) => number.toLocaleString();

const words = {
  active: ["Active", "ok"], suspended: ["Suspended", "warn"], idle: ["Suspended, unused", "warn"],
  not_yet_valid: ["Not yet valid", "off"], expired: ["Expired", "off"], revoked: ["Revoked", "bad"],
};

export function Status({ token }) {
  const soon = token.status === "active" && daysUntil(token.expires_at) < 7;
  const [text, kind] = soon ? ["Expires soon", "warn"] : words[token.status] || [token.status, "off"];
  return html`<span class="pill ${kind}">${text}</span>`;
}

export const Key = () => html`<svg class="key" width="15" height="15" viewBox="0 0 16 16" aria-hidden="true">
  <path d="M10.5 1a4.5 4.5 0 0 0-4.3 5.8L1 12v3h3v-2h2v-2h1.5l1.2-1.2A4.5 4.5 0 1 0 10.5 1Zm1.2 4.6a1.3 1.3 0 1 1 0-2.6 1.3 1.3 0 0 1 0 2.6Z" fill="currentColor"/></svg>`;

const sum = (row) => row.ok + row.error + row.refused;

// The last `length` days, the oldest first, with zeros where nothing was called.
export function lastDays(usage, length) {
  const known = new Map((usage?.days || []).map((row) => [row.day, row]));
  const out = [];
  for (let back = length - 1; back >= 0; --back) {
    const name = new Date(Date.now() - back * day).toISOString().slice(0, 10);
    out.push(known.get(name) || { day: name, ok: 0, error: 0, refused: 0 });
  }
  return out;
}

export function Sparkline({ usage }) {
  const days = lastDays(usage, 7);
  const most = Math.max(1, ...days.map(sum));
  const total = days.reduce((all, row) => all + sum(row), 0);
  if (total === 0) return html`<span class="hint">no calls</span>`;
  return html`<svg width="84" height="24" role="img" aria-label="${count(total)} calls in 7 days">
    ${days.map((row, at) => {
      const full = Math.max(sum(row) > 0 ? 2 : 0, (sum(row) / most) * 22);
      const bad = (row.refused / Math.max(1, sum(row))) * full;
      return html`<rect class="bar" x=${at * 12} y=${24 - full} width="9" height=${full - bad} rx="1"/>
        <rect class="bar-bad" x=${at * 12} y=${24 - bad} width="9" height=${bad} rx="1"/>`;
    })}</svg>`;
}

export function Chart({ usage }) {
  const days = lastDays(usage, 14);
  const most = Math.max(1, ...days.map(sum));
  const total = days.reduce((all, row) => all + sum(row), 0);
  const refused = days.reduce((all, row) => all + row.refused, 0);
  return html`<svg class="chart" viewBox="0 0 560 150" role="img"
      aria-label="Calls per day for 14 days: ${count(total)} in all, at most ${count(most)} a day, ${count(refused)} refused">
    <g class="lines"><path d="M0 20H560M0 70H560M0 120H560"/></g>
    ${days.map((row, at) => {
      const full = (sum(row) / most) * 100;
      const bad = (row.refused / Math.max(1, sum(row))) * full;
      return html`<rect class="bar" x=${6 + at * 40} y=${120 - full + bad} width="26" height=${full - bad} rx="2"/>
        <rect class="bar-bad" x=${6 + at * 40} y=${120 - full} width="26" height=${bad} rx="2"/>`;
    })}
    <g class="axis"><text x="0" y="14">${count(most)}</text><text x="6" y="138">${shownDate(days[0].day)}</text>
      <text x="526" y="138">today</text></g></svg>`;
}

// A name somebody chose, within words of ours in an attribute: it turns no text around (Unicode UAX 9, isolates).
export const isolated = (name) => `\u2068${name}\u2069`;

// A dialog of the browser's own: it keeps the focus within, Escape closes it, and the focus goes back.
export function Dialog({ title, onClose, children }) {
  const box = useRef();
  useEffect(() => {
    box.current.showModal();
  }, []);
  return html`<dialog ref=${box} aria-labelledby="dialog-title" onClose=${onClose}>
    <h2 id="dialog-title">${title}</h2>${children}</dialog>`;
}

// Refusals and what to do about them, the latest first; with the token's name where they are of several.
export function Refusals({ rows }) {
  if (rows.length === 0) return null;
  const ofSeveral = rows.some((row) => row.id);
  return html`<h2 id="refusals">Recent refusals</h2><div class="card table"><table aria-labelledby="refusals"><thead><tr>
    ${ofSeveral && html`<th scope="col">Token</th>`}<th scope="col">When</th><th scope="col">Why</th>
    <th scope="col">From</th><th scope="col">What to do</th></tr></thead><tbody>${rows.map((row) => html`<tr>
    ${ofSeveral && html`<td><a href="#/token/${row.id}"><bdi>${row.name}</bdi></a></td>`}
    <td data-h="When">${relative(row.at)}${row.count > 1 ? `, ${count(row.count)} in all` : ""}</td>
    <td data-h="Why"><span class="mono">${row.reason}</span>${row.tool ? html` at <span class="mono"><bdi>${row.tool}</bdi></span>` : ""}</td>
    <td data-h="From"><span class="mono">${row.address}</span> <bdi>${row.client}</bdi></td><td data-h="What to do">${row.remedy}</td></tr>`)}</tbody></table></div>`;
}

export const Problem = ({ text }) => text ? html`<p class="problem" role="alert">${text}</p>` : null;
