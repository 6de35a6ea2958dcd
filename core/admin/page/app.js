// The page: who is signed in, which view is shown, and what was done last.
import { html, render, useCallback, useEffect, useState } from "./preact_htm.js";
import { api, base, csrf, signIn, signInAt } from "./api.js";
import { Revoke, Rotate } from "./dialogs.js";
import { Form } from "./form.js";
import { List } from "./list.js";
import { Key, Problem } from "./parts.js";
import { Secret } from "./secret.js";
import { Token } from "./token.js";

const route = () => location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);

function useRoute() {
  const [where, setWhere] = useState(route());
  useEffect(() => {
    const moved = () => setWhere(route());
    addEventListener("hashchange", moved);
    return () => removeEventListener("hashchange", moved);
  }, []);
  return where;
}

function Header({ here, onSignOut }) {
  const link = (href, name, current) => html`<a href=${href} aria-current=${current ? "page" : undefined}>${name}</a>`;
  return html`<header><span class="name">Gatehouse</span><nav aria-label="Main">
    ${link("#/", html`<${Key}/> API Tokens`, here !== "new")}${link("#/new", "Generate Token", here === "new")}</nav>
    <button class="quiet" onClick=${onSignOut}>Sign out</button></header>`;
}

// Why the provider's answer signed nobody in, and what to do.
const failures = {
  denied: "The provider did not let you in.",
  expired: "That took longer than 10 minutes, or was begun in another browser. Try again.",
  not_allowed: "You are not among those who may sign in here. Ask whoever runs this server.",
  provider_down: "The provider cannot be reached. Try again in a minute.",
};

function SignIn({ problem }) {
  return html`<main class="narrow"><h1><${Key}/> API Tokens</h1><div class="card">
    <p>You are not signed in.</p>
    ${signInAt && html`<p><a class="btn primary" href=${`${base}/admin/sign-in`}>Sign in with ${signInAt}</a></p><p>Or, on the server's host, run</p>`}
    ${!signInAt && html`<p>On the server's host, run</p>`}<pre>gatehouse admin link --config FILE</pre>
    <p>and open the link that it prints. It works once, within 10 minutes.</p><${Problem} text=${problem}/></div></main>`;
}

function Page() {
  const [here, id] = useRoute();
  const [tokens, setTokens] = useState(null);
  const [total, setTotal] = useState(0);
  const [usages, setUsages] = useState({});
  const [refusals, setRefusals] = useState([]);
  const [asked, setAsked] = useState(null);   // a dialog: {action, token}
  const [made, setMade] = useState(null);     // a token whose text is shown now, and never again
  const [version, setVersion] = useState(0);
  const [problem, setProblem] = useState("");
  const load = useCallback(async () => {
    try {
      const [present, revoked, refused] = await Promise.all([api.list("?limit=100"), api.list("?status=revoked&limit=20"), api.refusals()]);
      const all = [...present.data, ...revoked.data];
      setTokens(all);
      setRefusals(refused.data);
      setTotal(present.total + revoked.data.length);
      setProblem("");
      const used = all.filter((token) => token.usage_count > 0);
      const counted = await Promise.all(used.map((token) => api.usage(token.id).catch(() => null)));
      setUsages(Object.fromEntries(used.map((token, at) => [token.id, counted[at]])));
    } catch (fault) {
      if (fault.status === 401) location.reload();
      setProblem(fault.message);
    }
  }, []);
  useEffect(() => {
    load();
  }, [version]);
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === "visible" && !asked && !made && setVersion((n) => n + 1), 15_000);
    return () => clearInterval(timer);
  }, [asked, made]);
  useEffect(() => {
    setMade((shown) => (shown && here !== "new" && here !== "" ? null : shown));
  }, [here, id]);
  const changed = () => {
    setAsked(null);
    setVersion((n) => n + 1);
  };
  const act = async (action, token) => {
    if (action === "open") return void (location.hash = `#/token/${token.id}`);
    if (action === "revoke" || action === "rotate") return setAsked({ action, token });
    try {
      await api[action](token.id);
      changed();
    } catch (fault) {
      setProblem(fault.message);
    }
  };
  const show = (token) => {
    setMade(token);
    setAsked(null);
    location.hash = "#/";
    setVersion((n) => n + 1);
  };
  const signOut = async () => {
    await api.signOut().catch(() => {});
    location.replace(location.pathname);
  };
  const view = here === "new" ? html`<${Form} onMade=${show} onCancel=${() => { location.hash = "#/"; }}/>`
    : here === "token" ? html`<${Token} id=${id} onAct=${act} version=${version}/>`
    : tokens && html`<${List} tokens=${tokens} total=${total} usages=${usages} refusals=${refusals} onAct=${act}/>`;
  return html`<${Header} here=${here} onSignOut=${signOut}/><main>
    ${made && here !== "new" && html`<${Secret} token=${made} onDone=${() => setMade(null)}/>`}
    <${Problem} text=${problem}/>${view}</main>
    ${asked?.action === "revoke" && html`<${Revoke} token=${asked.token} onDone=${changed} onClose=${() => setAsked(null)}/>`}
    ${asked?.action === "rotate" && html`<${Rotate} token=${asked.token} onDone=${show} onClose=${() => setAsked(null)}/>`}`;
}

// The link's credential leaves the address before anything else happens.
async function start() {
  const app = document.getElementById("app");
  const link = location.hash.match(/^#sign-in=([\w-]+)$/);
  if (link) {
    history.replaceState(null, "", location.pathname);
    if (await signIn(link[1])) return location.reload();
    return render(html`<${SignIn} problem="That link has been used or is older than 10 minutes."/>`, app);
  }
  const failed = location.hash.match(/^#sign-in-failed=(\w+)$/);
  if (failed) {
    history.replaceState(null, "", location.pathname);
    const words = failures[failed[1]] || "The provider's answer could not be used. The server's log says why.";
    return render(html`<${SignIn} problem=${words}/>`, app);
  }
  render(csrf ? html`<${Page}/>` : html`<${SignIn}/>`, app);
}

start();
