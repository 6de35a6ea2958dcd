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

async function call(token, tool = "test_simple_text") {
  const answer = await fetch(mcp, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: tool, arguments: {} } }),
  });
  return answer.status;
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
await page.goto(link);
await page.getByRole("heading", { name: "API Tokens" }).waitFor();
seen.addressAfterSignIn = page.url();
seen.cookie = (await desk.cookies()).map(({ name, httpOnly, sameSite, secure }) => ({ name, httpOnly, sameSite, secure }))[0];
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
await page.locator("#days").fill("366");
await page.getByRole("button", { name: "Generate Token" }).click();
seen.faults = await page.locator(".fault").allTextContents();
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
await look(page, "once");
await page.reload();
await page.getByRole("heading", { name: "All tokens" }).waitFor();
seen.goneAfterReload = !(await page.content()).includes(token)
  && !(await page.evaluate(() => JSON.stringify([localStorage, sessionStorage]))).includes(token);
await page.goBack().catch(() => {});
seen.goneAfterBack = !(await page.content()).includes(token);
await page.goto(`${base}/`);

// --- it works, its use is seen, and its limit holds
seen.calls = [await call(token), await call(token), await call(token), await call(token)];
await page.getByRole("link", { name: "Laptop of Ann" }).click();
await page.locator("#usage-count").getByText("4").waitFor();
seen.usage = await page.locator("#usage-count").textContent();
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
await page.getByRole("link", { name: "Laptop of Ann" }).click();
await page.getByText("The text before the last rotation is valid until").waitFor();
seen.generations = await page.getByRole("table", { name: "Who uses it" }).textContent();
await look(page, "generations");

// --- names that would be markup
await page.goto(`${base}/#/new`);
await page.getByRole("checkbox").first().waitFor();
await page.locator("#name").fill(hostileName);
await page.getByRole("button", { name: "Generate Token" }).click();
await page.locator("#secret").waitFor();
const hostile = await page.locator("#secret").textContent();
await page.getByRole("button", { name: "I have it" }).click();
seen.hostileName = (await page.locator("td b").allTextContents()).includes(hostileName);

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
await page.getByRole("link", { name: hostileName }).click();
for (let tries = 0; tries < 50 && (await page.getByRole("table", { name: "Recent refusals" }).count()) === 0; ++tries) {
  await page.reload(); // until it is written: within a second
  await page.locator("#usage-count").waitFor();
}
seen.refusals = await page.getByRole("table", { name: "Recent refusals" }).textContent();
await look(page, "refusals");

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
  await view.getByRole("link", { name: "Laptop of Ann" }).click();
  await view.locator("#usage-count").waitFor();
  seen.sideways.push(await view.evaluate(() => document.documentElement.scrollWidth > innerWidth));
  await look(view, `${name}-token`);
  await other.close();
}

// --- keyboard alone: from the list to a token and back
await page.goto(`${base}/#/new`);
await page.reload();
await page.getByRole("checkbox").first().waitFor();
await page.keyboard.type("By keyboard");
await page.keyboard.press("Enter");
await page.locator("#secret").waitFor();
for (let i = 0; i < 60 && !(await page.evaluate(() => document.activeElement.textContent === "I have it")); ++i) await page.keyboard.press("Tab");
await page.keyboard.press("Enter");
seen.keyboard = await page.locator("#secret").count() === 0 && await page.getByRole("link", { name: "By keyboard" }).isVisible();
await page.getByRole("button", { name: "Revoke By keyboard" }).focus();
await page.keyboard.press("Enter");
await page.getByRole("dialog").waitFor();
await page.keyboard.press("Escape");
seen.focusComesBack = await page.evaluate(() => document.activeElement.getAttribute("aria-label"));

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
