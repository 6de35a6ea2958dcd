// The token API, as the page asks it. What it refuses comes back as an Error with `status` and `code`.
const meta = (name) => document.querySelector(`meta[name="${name}"]`).content;

export const base = meta("base");
export const csrf = meta("csrf-token");
export const signInAt = meta("sign-in");

export async function ask(method, path, body) {
  const headers = csrf ? { "X-CSRF-Token": csrf } : {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(`${base}${path}`, {
      method, headers, credentials: "same-origin", cache: "no-store",
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw Object.assign(new Error("The server cannot be reached. Is it running?"), { status: 0 });
  }
  if (answer.status === 204) return null;
  const json = await answer.json().catch(() => ({}));
  if (answer.ok) return json;
  throw Object.assign(new Error(json.detail || `The server answered ${answer.status}.`), {
    status: answer.status, code: json.code,
  });
}

const tokens = "/api/v2/tokens";
const of = (id) => `${tokens}/${encodeURIComponent(id)}`;

export const api = {
  list: (query = "") => ask("GET", `${tokens}${query}`),
  scopes: () => ask("GET", `${tokens}/scopes`),
  refusals: () => ask("GET", `${tokens}/refusals`),
  usage: (id) => ask("GET", `${of(id)}/usage`),
  get: (id) => ask("GET", of(id)),
  create: (wish) => ask("POST", tokens, wish),
  rotate: (id, wish) => ask("POST", `${of(id)}/rotate`, wish),
  suspend: (id) => ask("POST", `${of(id)}/suspend`),
  resume: (id) => ask("POST", `${of(id)}/resume`),
  revoke: (id, reason) => ask("DELETE", `${of(id)}${reason ? `?reason=${encodeURIComponent(reason)}` : ""}`),
  clients: () => ask("GET", "/admin/assets/clients.json"),
  signOut: () => ask("DELETE", "/admin/session"),
};

// With the credential of a one-time link, which is in the address behind '#' and goes away at once.
export async function signIn(credential) {
  const answer = await fetch(`${base}/admin/session`, {
    method: "POST", headers: { Authorization: `Bearer ${credential}` }, credentials: "same-origin",
  });
  return answer.ok;
}
