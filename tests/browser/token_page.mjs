// A person at the token page, in Chromium: signs in by a one-time link, generates a token, calls a tool with it, sees its use,
// rotates it, revokes it, signs out; by mouse, by keyboard, on a phone; held to axe-core. Prints a JSON report: what was seen,
// by name.
//
// node token_page.mjs LINK MCP-URL CHROMIUM SCREENS-FOLDER
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const [link, mcp, executablePath, screens] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const base = new URL(link).origin;
const seen = {};
const foreign = new Set();

const browser = await chromium.launch({
  executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic"],
});

async function context(more = {}) {
  const made = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"], bypassCSP: false, ...more });
  made.setDefaultTimeout(15_000);
  made.on("request", (request) => {
    if (!request.url().startsWith(base) && !request.url().startsWith("data:")) foreign.add(request.url());
  });
  return made;
}

async function violations(page) {
  const session = await page.context().newCDPSession(page); // beside the page's own policy, which lets no script in
  await session.send("Page.setBypassCSP", { enabled: true });
  await session.send("Runtime.evaluate", { expression: axe });
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  await session.send("Page.setBypassCSP", { enabled: false });
  return found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(" ")).join(", ")}`);
}

// As a client does: to the URL with a slash, ready for a stream. 200 stands for a result, not for an answer that has an error.
async function call(token, tool = "test_simple_text", agent = "page test") {
  const answer = await fetch(`${mcp}/`, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", "User-Agent": agent,
      Accept: "application/json, text/event-stream" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: tool, arguments: {} } }),
  });
  const body = await answer.text();
  return answer.status === 200 && !body.includes('"result"') ? 0 : answer.status;
}

const look = async (page, name) => {
  await page.screenshot({ path: `${screens}/${name}.png`, fullPage: true });
  (seen.axe ||= {})[name] = await violations(page);
};

// --- nobody is signed in
const visitor = await context();
const stranger = await visitor.newPage();
await stranger.goto(`${base}/`);
await stranger.getByText("You are not signed in.").waitFor();
seen.stranger = await stranger.content();
await look(stranger, "signed-out");

// --- signing in, once
const desk = await context({ colorScheme: "light", viewport: { width: 1280, height: 900 } });
const page = await desk.newPage();
const errors = [];
page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
page.on("pageerror", (error) => errors.push(String(error)));
page.on("dialog", (dialog) => { errors.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
let made = 0;
page.on("request", (request) => { if (request.method() === "POST" && request.url().endsWith("/api/v2/tokens")) ++made; });
// The row of a token in the list, not its refusals.
const named = (view, name) => view.getByRole("table", { name: "All tokens" }).getByRole("link", { name });
const open = async (name) => {
  await page.goto(`${base}/#/`);
  await page.reload();
  await named(page, name).click();
  await page.locator("#usage-count").waitFor();
};
// Until it is written, which takes up to a second.
const until = async (seenNow) => {
  for (let tries = 0; tries < 60 && !(await seenNow()); ++tries) {
    await page.reload();
    await page.locator("#usage-count").waitFor();
  }
};
await page.goto(link);
await page.getByRole("heading", { name: "API Tokens" }).waitFor();
seen.addressAfterSignIn = page.url();
seen.cookie = (await desk.cookies()).map(({ name, httpOnly, sameSite, secure }) => ({ name, httpOnly, sameSite, secure }))[0];
const tab = page.getByRole("navigation").getByRole("link", { name: "API Tokens" });
seen.header = { tab: await tab.isVisible(), key: await tab.locator("svg.key").count(),
  generate: await page.getByRole("navigation").getByRole("link", { name: "Generate Token" }).isVisible() };
seen.empty = await page.getByText("No tokens yet").isVisible();
await look(page, "empty");
await stranger.goto("about:blank");
await stranger.goto(link);
await stranger.getByText("That link has been used").waitFor();
seen.linkTwice = await stranger.getByText("You are not signed in.").isVisible();

// --- a form that is wrong, then right
await page.getByRole("link", { name: "Generate Token" }).first().click();
await page.getByRole("heading", { name: "Generate Token" }).waitFor();
await page.getByRole("checkbox").first().waitFor();
seen.scopes = await page.getByRole("checkbox").evaluateAll((all) => all.map((one) => one.value));
seen.labels = await page.locator("form label.field > span:first-child, form legend").allTextContents();
seen.meanings = await page.locator(".scopes .hint").allTextContents();
seen.rateHint = await page.locator("#rate-hint").textContent();
seen.faults = [];
for (const [days, rate] of [["366", "1"], ["0", "0"]]) {
  await page.locator("#days").fill(days);
  await page.locator("#rate").fill(rate);
  for (const box of await page.getByRole("checkbox").all()) await box.setChecked(days === "366");
  await page.getByRole("button", { name: "Generate Token" }).click();
  seen.faults.push(await page.locator(".fault").allTextContents());
}
seen.madeByMistake = made;
await page.getByRole("button", { name: "Everything" }).click();
await look(page, "form-faults");
const hostileName = `<script>alert(1)</script> "><img src=x onerror=alert(1)> \u202Eevil \u{1F511}`;
await page.locator("#name").fill("Laptop of Ann");
await page.locator("#days").fill("30");
await page.locator("#rate").fill("3");
await look(page, "form");
await page.getByRole("button", { name: "Generate Token" }).click();
await page.locator("#secret").waitFor();
const token = await page.locator("#secret").textContent();
seen.tokenForm = /^gth_[0-9A-Za-z]{40}$/.test(token);
await page.getByRole("button", { name: "Copy" }).click();
seen.clipboard = (await page.evaluate(() => navigator.clipboard.readText())) === token;
seen.clients = await page.getByRole("tab").allTextContents();
seen.clientText = await page.getByRole("tabpanel").textContent();
seen.warning = await page.getByText("Copy it now. It is shown this once and kept nowhere.").isVisible();
const holds = async (text) => (await page.content()).includes(text) || page.url().includes(text)
  || (await page.evaluate(() => JSON.stringify([localStorage, sessionStorage, history.state]))).includes(text);
await look(page, "once");
await page.getByRole("button", { name: "I have it" }).click();
await page.locator("#secret").waitFor({ state: "detached" });
seen.goneAfterwards = !(await holds(token));
await page.reload();
await page.getByRole("heading", { name: "All tokens" }).waitFor();
seen.goneAfterReload = !(await holds(token));
await page.goBack().catch(() => {});
seen.goneAfterBack = !(await holds(token));
await page.goto(`${base}/`);

// --- it works, its use is seen, and its limit holds
await page.getByRole("heading", { name: "All tokens" }).waitFor();
seen.columns = await page.getByRole("table", { name: "All tokens" }).locator("th").allTextContents();
seen.calls = [await call(token)];
await open("Laptop of Ann");
await until(async () => (await page.locator("#usage-count").textContent()).startsWith("1"));
seen.usageBefore = await page.locator("#usage-count").textContent();
seen.calls.push(await call(token), await call(token), await call(token));
await until(async () => (await page.locator("#usage-count").textContent()).startsWith("4"));
seen.usage = await page.locator("#usage-count").textContent();
seen.lastUsed = await page.locator(".figure", { hasText: "last used" }).textContent();
seen.facts = await page.locator("dl.facts").textContent();
seen.tools = await page.getByRole("table", { name: "By tool" }).textContent();
await look(page, "token");

// --- rotation with an overlap: who uses the old one is seen
await page.getByRole("button", { name: "Rotate" }).click();
await page.getByRole("dialog").waitFor();
await look(page, "rotate");
await page.getByRole("dialog").getByRole("button", { name: "Rotate" }).click();
await page.locator("#secret").waitFor();
const second = await page.locator("#secret").textContent();
seen.secondIsNew = second !== token;
await page.getByRole("button", { name: "I have it" }).click();
await open("Laptop of Ann");
await page.getByText("The text before the last rotation is valid until").waitFor();
seen.beforeItsUse = await page.getByText("Nobody has used it since.").isVisible();
await page.request.patch(page.url().replace(/#\/token/, "api/v2/tokens").replace(/([^:])\/\//, "$1/"), {
  headers: { "X-CSRF-Token": await page.locator('meta[name="csrf-token"]').getAttribute("content") }, data: { rate_limit: 100 },
});
seen.both = [await call(token, "test_simple_text", "the old laptop"), await call(second)];
await until(async () => (await page.getByText("Used since: 1 times").count()) > 0);
seen.since = await page.getByText("Used since:").textContent();
seen.generations = await page.getByRole("table", { name: "Who uses it" }).locator("tbody tr").allTextContents();
await look(page, "generations");
await page.goto(`${base}/#/`);
await page.reload();
await page.getByRole("list", { name: "Needs you" }).waitFor();
seen.needs = await page.getByRole("list", { name: "Needs you" }).textContent();
await page.getByRole("button", { name: /^Who is it\?/ }).click();
await page.locator("#usage-count").waitFor();
seen.whoIsIt = await page.locator("h1").textContent();

// --- limited further: by network, and by tool
seen.limited = [];
for (const [name, field, value] of [["Elsewhere", "#networks", "10.0.0.0/8"], ["One tool", "#tools", "test_image_content"]]) {
  await page.goto(`${base}/#/new`);
  await page.getByRole("checkbox").first().waitFor();
  await page.locator("#name").fill(name);
  await page.getByText("Limit it further").click();
  await page.locator(field).fill(value);
  await page.getByRole("button", { name: "Generate Token" }).click();
  await page.locator("#secret").waitFor();
  const text = await page.locator("#secret").textContent();
  seen.limited.push(await call(text), await call(text, "test_image_content"));
  await page.getByRole("button", { name: "I have it" }).click();
}

// --- names that would be markup
await page.goto(`${base}/#/new`);
await page.getByRole("checkbox").first().waitFor();
await page.locator("#name").fill(hostileName);
await page.getByRole("button", { name: "Generate Token" }).click();
await page.locator("#secret").waitFor();
const hostile = await page.locator("#secret").textContent();
await page.getByRole("button", { name: "I have it" }).click();
seen.hostileName = (await page.locator("td b").allTextContents()).includes(hostileName);
const hostileTool = "<img src=x onerror=alert(1)>";
await call(hostile, hostileTool, '"><script>alert(2)</script>');
await open(hostileName);
await until(async () => (await page.getByRole("table", { name: "By tool" }).count()) > 0);
seen.hostileTool = (await page.getByRole("table", { name: "By tool" }).textContent()).includes(hostileTool);
seen.hostileClient = (await page.getByRole("table", { name: "Who uses it" }).textContent()).includes('"><script>alert(2)</script>');
seen.isolated = [await page.locator("h1 bdi").textContent()];
await page.getByRole("button", { name: "Rotate" }).click();
seen.isolated.push(await page.locator("dialog h2 bdi").textContent());
await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
await page.getByRole("dialog").waitFor({ state: "detached" });
seen.markup = await page.locator("main script, main img").count();
await page.goto(`${base}/#/`);
await named(page, hostileName).waitFor();

// --- revocation is felt at the next call, without a reload of the server
seen.beforeRevoke = await call(hostile);
await page.getByRole("button", { name: /^Revoke .*evil/ }).click();
await page.locator("#reason").fill("was a test");
await look(page, "revoke");
await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
await page.getByRole("dialog").waitFor({ state: "detached" });
seen.afterRevoke = await call(hostile);
await page.getByText("Revoked", { exact: true }).waitFor();
await look(page, "list");

// --- and its owner sees why, with what to do
await named(page, hostileName).click();
for (let tries = 0; tries < 50 && (await page.getByRole("table", { name: "Recent refusals" }).count()) === 0; ++tries) {
  await page.reload(); // until it is written: within a second
  await page.locator("#usage-count").waitFor();
}
seen.refusals = await page.getByRole("table", { name: "Recent refusals" }).textContent();
await look(page, "refusals");
await page.goto(`${base}/#/`);
await page.reload();
await page.getByRole("table", { name: "Recent refusals" }).waitFor();
seen.allRefusals = await page.getByRole("table", { name: "Recent refusals" }).textContent();

// --- dark, and on a phone
for (const [name, options] of [["dark", { colorScheme: "dark", viewport: { width: 1280, height: 900 } }],
  ["phone", { viewport: { width: 375, height: 800 }, isMobile: true, hasTouch: true }]]) {
  const other = await context({ ...options, storageState: await desk.storageState() });
  const view = await other.newPage();
  for (const [where, hash, until] of [["list", "#/", "All tokens"], ["form", "#/new", "Generate Token"]]) {
    await view.goto(`${base}/${hash}`);
    await view.reload();
    await view.getByRole("heading", { name: until }).waitFor();
    if (where === "form") await view.getByRole("checkbox").first().waitFor();
    (seen.sideways ||= []).push(await view.evaluate(() => document.documentElement.scrollWidth > innerWidth));
    await look(view, `${name}-${where}`);
  }
  await view.goto(`${base}/`);
  await named(view, "Laptop of Ann").click();
  await view.locator("#usage-count").waitFor();
  seen.sideways.push(await view.evaluate(() => document.documentElement.scrollWidth > innerWidth));
  await look(view, `${name}-token`);
  await view.getByRole("button", { name: "Rotate" }).click();
  await view.getByRole("dialog").waitFor();
  await look(view, `${name}-rotate`);
  await view.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await view.getByRole("dialog").waitFor({ state: "detached" });
  await view.goto(`${base}/#/new`);
  await view.getByRole("checkbox").first().waitFor();
  await view.locator("#name").fill("x".repeat(200));
  await view.getByRole("button", { name: "Generate Token" }).click();
  await view.locator("#secret").waitFor();
  seen.sideways.push(await view.evaluate(() => document.documentElement.scrollWidth > innerWidth));
  await look(view, `${name}-once`);
  await other.close();
}

// --- keyboard alone: a token is made with one scope less, copied, rotated and revoked, from a fresh page on
await page.goto(`${base}/?keyboard`);
await page.getByRole("heading", { name: "All tokens" }).waitFor();
const plain = (text) => (text || "").replace(/[\u2068\u2069]/g, "").trim();
const focused = async () => plain(await page.evaluate(() =>
  document.activeElement.getAttribute("aria-label") || document.activeElement.value || document.activeElement.textContent));
const tabTo = async (name) => {
  for (let i = 0; i < 150 && (await focused()) !== name; ++i) await page.keyboard.press("Tab");
  if ((await focused()) !== name) throw new Error(`Tab does not come to ${name}`);
};
await tabTo("Generate Token");
await page.keyboard.press("Enter");
await page.getByRole("checkbox").first().waitFor();
await page.keyboard.type("By keyboard");
await tabTo("read:tasks");
await page.keyboard.press("Space");
await tabTo("Generate Token");
await page.keyboard.press("Enter");
await page.locator("#secret").waitFor();
const byKeyboard = await page.locator("#secret").textContent();
await tabTo("Copy");
await page.keyboard.press("Enter");
await page.getByText("Copied", { exact: true }).waitFor();
seen.copiedByKeyboard = (await page.evaluate(() => navigator.clipboard.readText())) === byKeyboard;
await tabTo("I have it");
await page.keyboard.press("Enter");
seen.keyboard = await page.locator("#secret").count() === 0 && await named(page, "By keyboard").isVisible();
seen.scopesByKeyboard = await page.locator("tr", { hasText: "By keyboard" }).locator(".chip").allTextContents();
await tabTo("Revoke By keyboard");
await page.keyboard.press("Enter");
await page.getByRole("dialog").waitFor();
await page.keyboard.press("Escape");
seen.focusComesBack = await focused();
await tabTo("Rotate By keyboard");
await page.keyboard.press("Enter");
await page.getByRole("dialog").waitFor();
await tabTo("Rotate");
await page.keyboard.press("Enter");
await page.locator("#secret").waitFor();
await tabTo("I have it");
await page.keyboard.press("Enter");
await tabTo("Revoke By keyboard");
await page.keyboard.press("Enter");
await page.getByRole("dialog").waitFor();
await page.keyboard.type("by keyboard");
await page.keyboard.press("Enter");
await page.getByRole("dialog").waitFor({ state: "detached" });
seen.revokedByKeyboard = await call(byKeyboard);

// --- another site's request, and signing out
const cookies = (await desk.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
const post = (headers) => fetch(`${base}/api/v2/tokens`, { method: "POST", headers: { "Content-Type": "application/json", ...headers }, body: '{"name":"x"}' }).then((answer) => answer.status);
seen.withoutProof = await post({ Cookie: cookies });
seen.wrongProof = await post({ Cookie: cookies, "X-CSRF-Token": "x".repeat(43) });
await page.getByRole("button", { name: "Sign out" }).click();
await page.getByText("You are not signed in.").waitFor();
seen.afterSignOut = await fetch(`${base}/api/v2/tokens`, { headers: { Cookie: cookies } }).then((answer) => answer.status);
seen.errors = errors.filter((text) => !text.includes("401"));
seen.foreign = [...foreign];
await browser.close();
console.log(JSON.stringify(seen));
