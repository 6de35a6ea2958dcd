// A person signs in to the token page at an OpenID provider, in Chromium: there and back, sees what is theirs, makes a token,
// signs out; and one whom the provider does not let in. Prints a JSON report: what was seen, by name.
//
// node provider_sign_in.mjs BASE-URL CHROMIUM SCREENS-FOLDER
import { chromium } from "playwright-core";

const [base, executablePath, screens] = process.argv.slice(2);
const seen = {};
const browser = await chromium.launch({
  executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic"],
});
const context = await browser.newContext();
context.setDefaultTimeout(15_000);
const page = await context.newPage();

await page.goto(`${base}/`);
const link = page.getByRole("link", { name: /^Sign in with/ });
seen.link = await link.textContent();
await page.screenshot({ path: `${screens}/sign-in-provider.png`, fullPage: true });
await link.click();
const generate = page.getByLabel("Main").getByRole("link", { name: "Generate Token" });
await generate.waitFor();
seen.addressAfterSignIn = page.url();
seen.cookies = (await context.cookies(base)).map(({ name, httpOnly, sameSite }) => ({ name, httpOnly, sameSite }));

await generate.click();
await page.getByLabel("Name").fill("Made by somebody who signed in");
await page.getByRole("button", { name: "Generate Token" }).click();
seen.token = await page.locator("#secret").textContent();
await page.reload();
await page.getByText("Made by somebody who signed in").first().waitFor();
seen.listed = true;
await page.getByRole("button", { name: "Sign out" }).click();
await page.getByText("You are not signed in.").waitFor();
seen.signedOut = true;

await page.goto(`${base}/#sign-in-failed=not_allowed`);
await page.reload();
await page.getByText("You are not among those who may sign in here.").waitFor();
seen.addressAfterFailure = page.url();
await page.screenshot({ path: `${screens}/sign-in-failed.png`, fullPage: true });

await browser.close();
console.log(JSON.stringify(seen));
