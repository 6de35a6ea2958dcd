// The official TypeScript client uses every feature of the `everything` backend once and answers what it is asked.
//
//   typescript_features.mjs ERA URL TOKEN                  ERA: legacy | modern
//   typescript_features.mjs ERA --stdio COMMAND [ARG...]
//
// Prints one JSON line a step; feature_cases.py says what each must hold.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

const [era, target, ...rest] = process.argv.slice(2);
const WATCHED = 'test://watched-resource';
const ANSWERS = { username: 'ada', email: 'ada@example.org', name: 'Ada', color: 'blue', context: 'interop' };

const say = (step, details = {}) => console.log(JSON.stringify({ step, ...details }));

const transport = target === '--stdio'
    ? new StdioClientTransport({ command: rest[0], args: rest.slice(1) })
    : new StreamableHTTPClientTransport(new URL(target), {
        requestInit: { headers: { Authorization: `Bearer ${rest[0]}` } },
    });
const client = new Client({ name: 'interop-typescript', version: '1.0.0' }, {
    capabilities: { sampling: {}, elicitation: { form: {} } },
    versionNegotiation: { mode: era === 'legacy' ? 'legacy' : { pin: '2026-07-28' } },
});

client.setRequestHandler('sampling/createMessage', async ({ params }) => ({
    role: 'assistant',
    model: 'interop',
    content: { type: 'text', text: `answer to: ${params.messages[0].content.text}` },
}));
client.setRequestHandler('elicitation/create', async ({ params }) => {
    if (params.message === 'Say no') return { action: 'decline' };
    const asked = Object.keys(params.requestedSchema.properties);
    return { action: 'accept', content: Object.fromEntries(asked.map((name) => [name, ANSWERS[name]])) };
});

const arrived = (method) => new Promise((resolve) => {
    client.setNotificationHandler(method, ({ params }) => resolve(params ?? {}));
});

const textOf = (result) => result.content.map((block) => block.text).join('');

async function call(step, name, args = {}, options = undefined) {
    say(step, { text: textOf(await client.callTool({ name, arguments: args }, options)) });
}

async function lists() {
    say('tools', { names: (await client.listTools()).tools.map((tool) => tool.name) });
    say('resources', { names: (await client.listResources()).resources.map((resource) => resource.uri) });
    const { resourceTemplates } = await client.listResourceTemplates();
    say('templates', { names: resourceTemplates.map((template) => template.uriTemplate) });
    say('prompts', { names: (await client.listPrompts()).prompts.map((prompt) => prompt.name) });
}

async function prompt(step, name, args = undefined) {
    const { messages } = await client.getPrompt({ name, arguments: args });
    say(step, { text: messages[0].content.text });
}

async function plainCalls() {
    await call('call', 'test_simple_text');
    const weather = await client.callTool({ name: 'test_structured_content', arguments: { city: 'Oslo' } });
    say('structured', { values: weather.structuredContent });
    say('read', { text: (await client.readResource({ uri: 'test://static-text' })).contents[0].text });
    say('read-template', { text: (await client.readResource({ uri: 'test://template/7/data' })).contents[0].text });
    await prompt('prompt', 'test_prompt_with_arguments', { arg1: 'one', arg2: 'two' });
    const { completion } = await client.complete({
        ref: { type: 'ref/prompt', name: 'test_prompt_with_arguments' },
        argument: { name: 'arg1', value: 'par' },
    });
    say('completion', { values: completion.values });
    const seen = [];
    await call('progress', 'test_tool_with_progress', {}, { onprogress: ({ progress }) => seen.push(progress) });
    say('progress-seen', { values: seen });
}

async function questions() {
    await call('sampling', 'test_sampling', { prompt: 'the question' });
    await call('elicitation', 'test_elicitation', { message: 'Who are you?' });
    await call('declined', 'test_elicitation', { message: 'Say no' });
    await call('several', 'test_input_required_result_capabilities');
    await call('rounds', 'test_input_required_result_multi_round');
    await prompt('prompt-elicitation', 'test_input_required_result_prompt');
}

async function changes() {
    const toolsChanged = arrived('notifications/tools/list_changed');
    const updated = arrived('notifications/resources/updated');
    let subscription;
    if (era === 'legacy') await client.subscribeResource({ uri: WATCHED });
    else subscription = await client.listen({ toolsListChanged: true, resourceSubscriptions: [WATCHED] });
    await client.callTool({ name: 'test_trigger_tool_change', arguments: {} });
    await toolsChanged;
    say('tools-changed');
    await client.callTool({ name: 'test_update_resource', arguments: { uri: WATCHED } });
    say('resource-updated', { text: (await updated).uri });
    await (subscription ? subscription.close() : client.unsubscribeResource({ uri: WATCHED }));
}

async function everything() {
    client.onerror = (error) => say('background-error', { message: String(error) });
    await client.connect(transport);
    say('connected', { version: client.getNegotiatedProtocolVersion() });
    await lists();
    await plainCalls();
    await questions();
    await changes();
    client.onerror = undefined;
    await transport.terminateSession?.();
    await client.close();
    say('closed');
}

try {
    await everything();
    process.exit(0);
} catch (error) {
    say('error', { message: String(error), code: error.code, status: error.status });
    process.exit(1);
}
