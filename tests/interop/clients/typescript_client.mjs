// The official TypeScript client as a user would write it: connect, list the tools, call each.
//
//   typescript_client.mjs URL TOKEN ERA QUERY [--hold]      ERA: legacy | modern | auto
//
// Prints one JSON line a step. With --hold it waits for a line on standard input after the first calls and
// then calls once more on the same connection. Exit code 3: the client itself says "unauthorized".
import { once } from 'node:events';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const [url, token, era, query, hold] = process.argv.slice(2);
const modes = { legacy: 'legacy', modern: { pin: '2026-07-28' }, auto: 'auto' };

const say = (step, details = {}) => console.log(JSON.stringify({ step, ...details }));

const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { Authorization: `Bearer ${token}` } },
});
const client = new Client(
    { name: 'interop-typescript', version: '1.0.0' },
    { versionNegotiation: { mode: modes[era] } },
);

async function callTool(step, name, args) {
    say(step, { result: await client.callTool({ name, arguments: args }) });
}

async function everything() {
    await client.connect(transport);
    client.onerror = (error) => say('background-error', { message: String(error) });
    say('connected', { era: client.getProtocolEra(), server: client.getServerVersion() });
    const { tools } = await client.listTools();
    say('tools', { names: tools.map((tool) => tool.name) });
    await callTool('rows', 'query_database', { query });
    await callTool('tables', 'list_tables', {});
    await callTool('columns', 'describe_table', { table: 'users' });
    if (hold) {
        say('holding');
        await once(process.stdin, 'data');
        await callTool('rows', 'query_database', { query });
    }
    client.onerror = undefined;
    await transport.terminateSession();
    await client.close();
    say('closed');
}

function isUnauthorized(error) {
    return error.name === 'UnauthorizedError' || error.status === 401 || error.code === 401 ||
        (error.cause !== undefined && isUnauthorized(error.cause));
}

try {
    await everything();
    process.exit(0);
} catch (error) {
    const unauthorized = isUnauthorized(error);
    const { name, code, status, message } = error;
    say('error', { unauthorized, name, code, status, message });
    process.exit(unauthorized ? 3 : 1);
}
