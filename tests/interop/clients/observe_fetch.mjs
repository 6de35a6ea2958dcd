// Notes every answer that global fetch gets, one JSON line each, in the file INTEROP_WIRE_LOG names.
// Loaded before an unchanged program by `node --import`; the program does not notice.
import { appendFileSync } from 'node:fs';

const plainFetch = globalThis.fetch;

globalThis.fetch = async (target, options) => {
    const answer = await plainFetch(target, options);
    const sent = new Headers(options?.headers ?? target.headers);
    const isJson = answer.headers.get('content-type')?.startsWith('application/json');
    const note = {
        method: options?.method ?? target.method ?? 'GET',
        path: new URL(target.url ?? target).pathname,
        version: sent.get('mcp-protocol-version'),
        status: answer.status,
        challenge: answer.headers.get('www-authenticate'),
        body: isJson ? await answer.clone().text() : null,
    };
    appendFileSync(process.env.INTEROP_WIRE_LOG, JSON.stringify(note) + '\n');
    return answer;
};
