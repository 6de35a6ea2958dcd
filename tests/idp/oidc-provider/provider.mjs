#!/usr/bin/env node
// provider.mjs PORT: panva's oidc-provider (a certified OpenID Provider) on 127.0.0.1:PORT, for tests.
// Prints "ready <issuer> <pid>" once it listens. SIGTERM stops it. State is in memory only.
// Test controls (loopback only, no authentication):
//   POST /test/rotate?alg=RS256   puts a new key of that algorithm first; older keys stay published; answers {kid}
//   POST /test/retire?kid=K       takes a key out of the JWKS
//   GET  /test/stats              how often discovery, jwks, token and introspection were asked for
//   POST /test/outage?ms=N        every request but /test/* answers 503 for N ms (0 ends it)
import http from 'node:http';
import * as crypto from 'node:crypto';
import { Provider, errors } from 'oidc-provider';

const port = Number(process.argv[2] ?? 0);
const AUD = process.env.OP_AUDIENCE ?? 'http://127.0.0.1:8080/mcp';
const BACKEND = process.env.OP_BACKEND ?? 'backend-api';
const MCP = ['mcp:read', 'mcp:write', 'mcp:execute'];
const TX = 'urn:ietf:params:oauth:grant-type:token-exchange', AT = 'urn:ietf:params:oauth:token-type:access_token';

const generate = {
  RS256: () => crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }),
  PS256: () => crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: () => crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: () => crypto.generateKeyPairSync('ed25519'),
};
const newKey = (alg) => ({ ...generate[alg]().privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: `${alg.toLowerCase()}-${crypto.randomBytes(6).toString('hex')}` });
const keys = Object.keys(generate).map(newKey);

const users = {
  alice: { name: 'Alice Tester', email: 'alice@example.test', groups: ['platform'], roles: ['operator', 'viewer'] },
  bob: { name: 'Bob Tester', email: 'bob@example.test', groups: ['guests'], roles: ['viewer'] },
};
const service = (client_id, extra = {}) => ({ client_id, client_secret: 'mcp-service-secret', grant_types: ['client_credentials'], redirect_uris: [], response_types: [], ...extra });
// application_type native: any port of a loopback redirect is accepted (RFC 8252)
const loopback = ['http://127.0.0.1/callback', 'http://localhost/callback', 'http://127.0.0.1/oauth/callback'];
const clients = [
  service('mcp-service'), service('mcp-service-es256'), service('mcp-service-ps256'), service('mcp-service-eddsa'), service('mcp-service-opaque'), service('mcp-service-short'),
  { client_id: 'mcp-public', token_endpoint_auth_method: 'none', application_type: 'native', grant_types: ['authorization_code', 'refresh_token'], redirect_uris: loopback },
  { client_id: 'mcp-proxy', client_secret: 'mcp-proxy-secret', application_type: 'native', grant_types: ['authorization_code', 'refresh_token'], redirect_uris: loopback },
  { client_id: 'mcp-gateway', client_secret: 'mcp-gateway-secret', grant_types: [TX], redirect_uris: [], response_types: [] },
  { client_id: 'mcp-gateway-off', client_secret: 'mcp-gateway-secret', grant_types: ['client_credentials'], redirect_uris: [], response_types: [] },
  { client_id: 'mcp-resource', client_secret: 'mcp-resource-secret', grant_types: [], redirect_uris: [], response_types: [] },
];
const algOf = (client) => ({ es256: 'ES256', ps256: 'PS256', eddsa: 'EdDSA' })[client.clientId.split('-').pop()] ?? 'RS256';
const resourceServer = (resource, client) => ({
  scope: resource === BACKEND ? 'backend:call' : MCP.join(' '), audience: resource,
  accessTokenFormat: client.clientId.endsWith('-opaque') ? 'opaque' : 'jwt', accessTokenTTL: client.clientId.endsWith('-short') ? 2 : 300,
  jwt: { sign: { alg: algOf(client) } },
});

function configuration() {
  return {
    clients, jwks: { keys: [...keys] },
    scopes: ['openid', 'offline_access', 'profile', 'email', 'groups', ...MCP],   // a registering client may only name these
    conformIdTokenClaims: false,
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email'], groups: ['groups'] },
    findAccount: (ctx, id) => users[id] && ({ accountId: id, claims: () => ({ sub: id, preferred_username: id, ...users[id] }) }),
    extraTokenClaims: (ctx, token) => (users[token.accountId] ? { preferred_username: token.accountId, groups: users[token.accountId].groups, roles: users[token.accountId].roles, ...(token.gty === TX && { act: { sub: token.clientId } }) } : undefined),
    clientBasedCORS: () => true,
    // public clients must use PKCE; confidential ones may
    pkce: { required: (ctx, client) => client.clientAuthMethod === 'none' },
    issueRefreshToken: (ctx, client) => client.grantTypeAllowed('refresh_token'),
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA'] },
    cookies: { keys: ['test-only'] },
    ttl: { AccessToken: (ctx, t) => t.resourceServer?.accessTokenTTL ?? 300, ClientCredentials: (ctx, t) => t.resourceServer?.accessTokenTTL ?? 300, RefreshToken: 3600, AuthorizationCode: 60, Interaction: 600, Session: 3600, Grant: 3600, IdToken: 300 },
    interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    features: {
      devInteractions: { enabled: false }, clientCredentials: { enabled: true }, revocation: { enabled: true, allowedPolicy: () => true },
      introspection: { enabled: true, allowedPolicy: (ctx, client) => client.clientId === 'mcp-resource' },
      registration: { enabled: true }, registrationManagement: { enabled: true }, dPoP: { enabled: true }, pushedAuthorizationRequests: { enabled: true },
      resourceIndicators: {
        enabled: true, defaultResource: (ctx, client, oneOf) => oneOf ?? AUD, useGrantedResource: () => true,
        getResourceServerInfo(ctx, resource, client) {
          if (resource !== AUD && !(resource === BACKEND)) throw new errors.InvalidTarget();
          return resourceServer(resource, client);
        },
      },
      clientIdMetadataDocument: { enabled: true, ack: 'draft-02' },
    },
    // The library refuses special-use addresses for documents it fetches; tests serve theirs over TLS on loopback.
    fetch: (url, options) => { const { dispatcher, ...rest } = options; return fetch(url, rest); },
  };
}

async function tokenExchange(provider, ctx, next) {
  const { params, client } = ctx.oidc;
  for (const p of ['subject_token', 'subject_token_type']) if (!params[p]) throw new errors.InvalidRequest(`missing required parameter(s) '${p}'`);
  if (params.subject_token_type !== AT) throw new errors.InvalidRequest('unsupported subject_token_type');
  if (params.requested_token_type && params.requested_token_type !== AT) throw new errors.InvalidRequest('unsupported requested_token_type');
  const target = params.audience ?? params.resource;
  if (target !== BACKEND) throw new errors.InvalidTarget('audience not available');
  // JWT access tokens are not stored: verify the signature with our own published keys.
  let claims;
  try {
    const [h, p, s] = params.subject_token.split('.'); const header = JSON.parse(Buffer.from(h, 'base64url'));
    const jwk = keys.find((k) => k.kid === header.kid && k.alg === header.alg); const key = crypto.createPublicKey({ key: jwk, format: 'jwk' });
    const opt = { ES256: { dsaEncoding: 'ieee-p1363' }, PS256: { padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } }[header.alg] ?? {};
    if (!crypto.verify(header.alg === 'EdDSA' ? null : 'sha256', Buffer.from(`${h}.${p}`), { key, ...opt }, Buffer.from(s, 'base64url'))) throw new Error();
    claims = JSON.parse(Buffer.from(p, 'base64url'));
    if (claims.exp * 1000 < Date.now() || claims.iss !== provider.issuer || ![claims.aud].flat().includes(AUD)) throw new Error();
  } catch { throw new errors.InvalidGrant('subject_token is invalid'); }
  if (!users[claims.sub]) throw new errors.InvalidGrant('subject_token has no user');
  const scope = params.scope ?? 'backend:call';
  if (scope !== 'backend:call') throw new errors.InvalidScope('requested scope is not allowed', scope);
  const grant = new provider.Grant({ accountId: claims.sub, clientId: client.clientId }); grant.addResourceScope(BACKEND, scope);
  const at = new provider.AccessToken({ accountId: claims.sub, client, grantId: await grant.save(), gty: TX, scope });
  at.resourceServer = new provider.ResourceServer(BACKEND, resourceServer(BACKEND, client));
  ctx.oidc.entity('AccessToken', at);
  ctx.body = { access_token: await at.save(), issued_token_type: AT, token_type: 'Bearer', expires_in: at.expiration, scope };
}

let provider, handler, issuer; const stats = {}; let outage = 0;
function build() {   // a new Provider over the same in-memory store: the way to change its keys while it runs
  provider = new Provider(issuer, configuration());
  provider.registerGrantType(TX, (ctx, next) => tokenExchange(provider, ctx, next), ['audience', 'resource', 'scope', 'requested_token_type', 'subject_token', 'subject_token_type', 'actor_token', 'actor_token_type'], ['audience', 'resource']);
  if (process.env.OP_DEBUG) for (const e of ['server_error', 'grant.error', 'authorization.error', 'registration_create.error', 'introspection.error', 'interaction.error']) provider.on(e, (ctx, err) => console.error(e, err));
  handler = provider.callback();
}
// signs in without a person: login_hint picks the user (default alice); login_hint=deny refuses
async function interact(req, res) {
  const { prompt, params, session, grantId } = await provider.interactionDetails(req, res);
  if (params.login_hint === 'deny') return provider.interactionFinished(req, res, { error: 'access_denied', error_description: 'the user refused' });
  if (prompt.name === 'login') return provider.interactionFinished(req, res, { login: { accountId: users[params.login_hint] ? params.login_hint : 'alice' } });
  const grant = (grantId && await provider.Grant.find(grantId)) || new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  if (prompt.details.missingOIDCScope) grant.addOIDCScope(prompt.details.missingOIDCScope.join(' '));
  if (prompt.details.missingOIDCClaims) grant.addOIDCClaims(prompt.details.missingOIDCClaims);
  for (const [r, s] of Object.entries(prompt.details.missingResourceScopes ?? {})) grant.addResourceScope(r, s.join(' '));
  return provider.interactionFinished(req, res, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true });
}
const json = (res, code, body) => { res.writeHead(code, { 'content-type': 'application/json' }); res.end(JSON.stringify(body)); };
const server = http.createServer((req, res) => {
  const url = new URL(req.url, issuer); const done = (e) => { if (!res.headersSent) json(res, 500, { error: String(e) }); };
  if (url.pathname.startsWith('/test/')) {
    if (url.pathname === '/test/stats') return json(res, 200, stats);
    if (url.pathname === '/test/outage') { outage = Date.now() + Number(url.searchParams.get('ms')); return json(res, 200, {}); }
    if (url.pathname === '/test/rotate') { const k = newKey(url.searchParams.get('alg') ?? 'RS256'); keys.unshift(k); build(); return json(res, 200, { kid: k.kid }); }
    if (url.pathname === '/test/retire') { const i = keys.findIndex((k) => k.kid === url.searchParams.get('kid')); if (i < 0) return json(res, 404, {}); keys.splice(i, 1); build(); return json(res, 200, {}); }
    return json(res, 404, {});
  }
  const path = url.pathname.replace(/^\/(interaction|auth|reg)\/.*/, '/$1/*'); stats[path] = (stats[path] ?? 0) + 1;
  if (Date.now() < outage) return json(res, 503, { error: 'temporarily_unavailable' });
  if (url.pathname.startsWith('/interaction/')) return void interact(req, res).catch(done);
  if (url.pathname === '/.well-known/oauth-authorization-server') req.url = '/.well-known/openid-configuration';   // RFC 8414 name of the same document
  return handler(req, res);
});
server.listen(port, '127.0.0.1', () => { issuer = `http://127.0.0.1:${server.address().port}`; build(); console.log('ready', issuer, process.pid); });
for (const s of ['SIGTERM', 'SIGINT']) process.on(s, () => process.exit(0));
