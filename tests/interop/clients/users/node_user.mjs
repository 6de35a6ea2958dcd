// What the users of Node.js clients read: each case is one user with one token who lists the tools and calls one.
//     node node_user.mjs CLIENT URL CASES   CLIENT: ai-sdk | typescript-1.10 | typescript-1.17
//                                           CASES: JSON [{"name", "token" or null, "tool", "arguments"}]
// Prints one JSON line a case: "tools" and "text" (of the call's result) as far as it came, "error" (what was thrown)
// and "logged" (what reached the client's own error callback).
const [name, url, cases] = process.argv.slice(2);

const headersOf = (token) => (token ? { Authorization: `Bearer ${token}` } : {});
const textOf = (result) => result.content.map((block) => block.text).join('');

async function aiSdk({ token, tool, arguments: given }, report, note) {
    const { createMCPClient } = await import('@ai-sdk/mcp');
    const transport = { type: 'http', url, headers: headersOf(token) };
    const client = await createMCPClient({ transport, onUncaughtError: note });
    try {
        const listed = await client.listTools();
        report.tools = listed.tools.map((one) => one.name);
        const known = { tools: [{ name: tool, inputSchema: { type: 'object' } }] }; // though it may not be listed
        const tools = client.toolsFromDefinitions(known);
        report.text = textOf(await tools[tool].execute(given, { messages: [], toolCallId: '1' }));
    } finally {
        await client.close();
    }
}

function sdk(package_) {
    return async ({ token, tool, arguments: given }, report, note) => {
        const { Client } = await import(`${package_}/client/index.js`);
        const { StreamableHTTPClientTransport } = await import(`${package_}/client/streamableHttp.js`);
        const client = new Client({ name: 'interop', version: '1' });
        client.onerror = note;
        const requestInit = { headers: headersOf(token) };
        try {
            await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
            report.tools = (await client.listTools()).tools.map((one) => one.name);
            report.text = textOf(await client.callTool({ name: tool, arguments: given }));
        } finally {
            await client.close();
        }
    };
}

const clients = { 'ai-sdk': aiSdk, 'typescript-1.10': sdk('sdk-1-10'), 'typescript-1.17': sdk('sdk-1-17') };

for (const each of JSON.parse(cases)) {
    const report = { name: each.name };
    const logged = [];
    try {
        await clients[name](each, report, (error) => logged.push(String(error)));
    } catch (error) {
        report.error = String(error);
    }
    console.log(JSON.stringify({ ...report, logged: logged.join('\n') }));
}
process.exit(0); // whatever a client still has open
