// Names that others collected, at the token page in Chromium: each is made by the API, and what the page shows of it is what it
// is. Prints a JSON report.
//
// node token_names.mjs LINK NAMES.json MANAGER CHROMIUM
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const [link, namesFile, manager, executablePath] = process.argv.slice(2);
const names = JSON.parse(readFileSync(namesFile, "utf8"));
const base = new URL(link).origin;
const seen = { shown: 0, differ: [], dialogs: [], errors: [], headings: 0 };
const batch = 80;

async function api(method, path, body) {
  const answer = await fetch(`${base}/api/v2/tokens${path}`, {
    method, headers: { Authorization: `Bearer ${manager}`, "Content-Type": "application/json" }, body: body && JSON.stringify(body),
  });
  if (answer.status === 429) {
    await new Promise((done) => setTimeout(done, 1000));
    return api(method, path, body);
  }
  return answer.json();
}

const browser = await chromium.launch({
  executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic"],
});
const page = await (await browser.newContext()).newPage();
page.on("dialog", (dialog) => { seen.dialogs.push(dialog.message()); dialog.dismiss(); });
page.on("console", (message) => message.type() === "error" && seen.errors.push(message.text()));
page.on("pageerror", (error) => seen.errors.push(String(error)));
await page.goto(link);
await page.getByRole("heading", { name: "API Tokens" }).waitFor();

for (let at = 0; at < names.length; at += batch) {
  const made = [];
  for (const name of names.slice(at, at + batch)) made.push({ name, ...(await api("POST", "", { name, description: name, labels: { label: name.slice(0, 200) } })) });
  await page.goto(`${base}/?${at}`); // a fresh one
  await page.getByRole("heading", { name: "All tokens" }).waitFor();
  const rows = await page.locator("tbody tr").evaluateAll((all) => Object.fromEntries(all.map((row) =>
    [row.querySelector("a")?.getAttribute("href").split("/").pop(), row.querySelector("td b bdi")?.textContent])));
  for (const { id, name } of made) {
    if (rows[id] === name) ++seen.shown;
    else seen.differ.push({ name, shown: rows[id] });
  }
  for (const { id, name } of made.filter((_, index) => index % 20 === 0)) {
    await page.goto(`${base}/?${id}#/token/${id}`);
    await page.locator("h1 bdi").waitFor();
    if ((await page.locator("h1 bdi").textContent()) === name) ++seen.headings;
    else seen.differ.push({ name, shown: "heading" });
    await page.getByRole("button", { name: "Rotate" }).click();
    await page.locator("dialog h2 bdi").waitFor();
    if ((await page.locator("dialog h2 bdi").textContent()) !== name) seen.differ.push({ name, shown: "dialog" });
    await page.keyboard.press("Escape");
  }
  await api("POST", "/bulk-revoke", { ids: made.map((one) => one.id), reason: made[0].name.slice(0, 200) });
}
seen.markup = await page.evaluate(() => document.querySelectorAll("main script, main img, main iframe").length);
await browser.close();
console.log(JSON.stringify(seen));
