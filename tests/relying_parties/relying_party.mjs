// A relying party built on npm openid-client, oauth4webapi's and jose's checks included.
// Reads one JSON document on stdin, {scenario, issuer, client, account, callback: {host, port}},
// plays the scenario against the running product and prints what it saw as one JSON document.

import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import * as jose from 'jose'
import * as oidc from 'openid-client'
import { WebAgent, readForms, readLinks, signIn } from './web_agent.mjs'

const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout'
const LOGOUT_WAIT_MS = 8000

const job = JSON.parse(await text(process.stdin))
const base = `http://${job.callback.host}:${job.callback.port}`
const redirectUri = `${base}/callback`
const afterLogout = `${base}/signed-out`
const seen = {}

/** What the relying party's own web server has been sent. */
const inbox = { logoutTokens: [], posts: [], waiting: null }

function serve() {
  const server = createServer(async (request, response) => {
    const body = new URLSearchParams(await text(request))
    if (request.url === '/backchannel-logout') {
      inbox.logoutTokens.push(body.get('logout_token'))
      inbox.waiting?.()
    }
    if (request.url === '/callback' && request.method === 'POST') inbox.posts.push(body)
    if (request.url === '/records') return showRecords(request, response)
    response.writeHead(200, { 'content-type': 'text/html', 'cache-control': 'no-store' })
    response.end('<!doctype html><title>relying party</title>')
  })
  return new Promise((listening, failed) => {
    server.on('error', failed)
    server.listen(job.callback.port, job.callback.host, () => listening(server))
  })
}

/** An API of the application that wants two factors, proved within an hour (RFC 9470 section 3). */
async function showRecords(request, response) {
  const token = (request.headers.authorization ?? '').replace(/^Bearer /, '')
  const found = await oidc.tokenIntrospection(inbox.config, token)
  const isRecent = Date.now() / 1000 - found.auth_time < 3600
  if (found.active && found.acr === '2' && isRecent) return response.writeHead(200).end('hồ sơ')
  response.writeHead(401, { 'www-authenticate':
    'Bearer error="insufficient_user_authentication", acr_values="2", max_age="3600"' }).end()
}

/** What an authenticator application shows now (RFC 6238) for a key as it is written on the page. */
function codeOf(key) {
  const bits = [...key.replace(/ /g, '')]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  const secret = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)))
  const step = Buffer.alloc(8)
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000)))
  const mac = createHmac('sha1', secret).update(step).digest()
  const number = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff
  return String(number % 1_000_000).padStart(6, '0')
}

/** As `logIn`, by somebody who must set a second factor up on the way. */
async function logInSettingUp(config, agent, extra) {
  const { url, checks } = await newRequest(config, extra)
  const page = await signIn(agent, url, job.account, redirectUri)
  const key = /copied-code">([A-Z2-7 ]+)</.exec(page.html)?.[1]
  const form = readForms(page.html).find(({ fields }) => fields.some(({ name }) => name === 'code'))
  if (!key || !form) throw new Error(`nothing to set up at ${page.status} ${page.url}`)
  let done = await agent.submit(
    page, form, { code: codeOf(key), name: 'Máy' }, { stopAt: redirectUri })
  // Recovery codes are shown once, and the person goes on.
  for (let asked = 0; asked < 2 && !done.url.startsWith(redirectUri); asked += 1) {
    const next = readForms(done.html).find(({ method }) => method === 'POST')
    done = await agent.submit(done, next, {}, { stopAt: redirectUri })
  }
  return oidc.authorizationCodeGrant(config, new URL(done.url), checks)
}

async function discover(clientAuth) {
  const metadata = { ...job.client.metadata, use_mtls_endpoint_aliases: false }
  const insecure = job.issuer.startsWith('http:') ? [oidc.allowInsecureRequests] : []
  const config = await oidc.discovery(
    new URL(job.issuer), job.client.client_id, metadata, clientAuth,
    { execute: [...insecure, oidc.enableNonRepudiationChecks], timeout: 15 },
  )
  const server = config.serverMetadata()
  seen.discovery = {
    issuer: server.issuer,
    iss_parameter: server.authorization_response_iss_parameter_supported,
    pkce: server.code_challenge_methods_supported,
    signing: server.id_token_signing_alg_values_supported,
    backchannel: server.backchannel_logout_supported,
    backchannel_session: server.backchannel_logout_session_supported,
  }
  return config
}

const secretAuth = () => oidc.ClientSecretBasic(job.client.client_secret)

/** An authorization request and what has to be remembered to check its answer. */
async function newRequest(config, extra = {}) {
  const checks = {
    pkceCodeVerifier: oidc.randomPKCECodeVerifier(),
    expectedState: oidc.randomState(),
    expectedNonce: oidc.randomNonce(),
    idTokenExpected: true,
  }
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: job.scope ?? 'openid profile email org roles offline_access',
    code_challenge: await oidc.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    ui_locales: 'vi',
    ...extra,
  })
  return { url, checks }
}

/** The `error` an OAuth call is refused with; '' when it was not refused. */
async function refusal(call) {
  try {
    await call()
    return ''
  } catch (error) {
    if (error.error) return error.error
    const challenge = error.cause?.[0]?.parameters?.error
    if (challenge) return challenge
    throw error
  }
}

/** Gets an authorization code, signing the person in where the session does not suffice. */
async function authorize(config, agent, extra) {
  const { url, checks } = await newRequest(config, extra)
  const page = await signIn(agent, url, job.account, redirectUri)
  if (!page.url.startsWith(redirectUri)) {
    const words = page.html.replace(/<style[\s\S]*?<\/style>|<[^>]*>/g, ' ').replace(/\s+/g, ' ')
    throw new Error(`sign-in ended at ${page.status} ${page.url}: ${words.slice(0, 600)}`)
  }
  return { callback: new URL(page.url), checks }
}

async function logIn(config, agent, extra) {
  const { callback, checks } = await authorize(config, agent, extra)
  const tokens = await oidc.authorizationCodeGrant(config, callback, checks)
  return { tokens, checks, callback }
}

async function receiveLogoutToken(config) {
  if (inbox.logoutTokens.length === 0) {
    await new Promise((received) => {
      inbox.waiting = received
      setTimeout(received, LOGOUT_WAIT_MS)
    })
  }
  if (inbox.logoutTokens.length === 0) return null
  const keys = jose.createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri))
  const { payload, protectedHeader } = await jose.jwtVerify(inbox.logoutTokens[0], keys, {
    issuer: config.serverMetadata().issuer,
    audience: job.client.client_id,
    typ: 'logout+jwt',
    maxTokenAge: '2m',
    requiredClaims: ['iat', 'exp', 'jti', 'events', 'sid', 'sub'],
  })
  return {
    alg: protectedHeader.alg,
    claims: payload,
    event: LOGOUT_EVENT in payload.events,
    deliveries: inbox.logoutTokens.length,
  }
}

async function logOut(config, agent, idToken) {
  const state = oidc.randomState()
  const url = oidc.buildEndSessionUrl(config, {
    id_token_hint: idToken,
    post_logout_redirect_uri: afterLogout,
    state,
  })
  let page = await agent.open(url, { stopAt: afterLogout })
  const asked = readForms(page.html).find((form) => form.method === 'POST')
  if (!page.url.startsWith(afterLogout) && asked) {
    page = await agent.submit(page, asked, {}, { stopAt: afterLogout })
  }
  const link = readLinks(page.html).find((href) => href.startsWith(afterLogout))
  const back = page.url.startsWith(afterLogout) ? page.url : link ?? null
  return {
    status: page.status,
    asked: Boolean(asked),
    returned: Boolean(back),
    state_returned: back !== null && new URL(back).searchParams.get('state') === state,
  }
}

async function answerWithoutPrompt(config, agent) {
  const { url, checks } = await newRequest(config, { prompt: 'none' })
  const page = await agent.open(url, { stopAt: redirectUri })
  return refusal(() => oidc.authorizationCodeGrant(config, new URL(page.url), checks))
}

const scenarios = {
  /** Login, userinfo, introspection, refresh, logout with a real logout token. */
  async session(config) {
    const agent = new WebAgent()
    const { tokens, checks, callback } = await logIn(config, agent)
    const claims = tokens.claims()
    const header = jose.decodeProtectedHeader(tokens.id_token)
    seen.login = { claims, alg: header.alg, token_type: tokens.token_type, scope: tokens.scope,
      iss: callback.searchParams.get('iss'), expires_in: tokens.expires_in }
    seen.access_token = jose.decodeProtectedHeader(tokens.access_token)
    seen.userinfo = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub)
    seen.introspection = await oidc.tokenIntrospection(config, tokens.access_token)

    seen.second_login = await logIn(config, agent, { prompt: 'none' })
      .then(({ tokens: again }) => ({ sid: again.claims().sid, sub: again.claims().sub }))

    const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token)
    seen.refresh = {
      rotated: refreshed.refresh_token !== tokens.refresh_token,
      sub: refreshed.claims()?.sub ?? claims.sub,
      userinfo_sub: (await oidc.fetchUserInfo(config, refreshed.access_token, claims.sub)).sub,
    }

    seen.logout = await logOut(config, agent, refreshed.id_token ?? tokens.id_token)
    seen.logout_token = await receiveLogoutToken(config)
    seen.after_logout = {
      prompt_none: await answerWithoutPrompt(config, agent),
      code_again: await refusal(() => oidc.authorizationCodeGrant(config, callback, checks)),
    }
  },

  /** What must be refused: a code twice, a foreign verifier, a refresh token after its successor. */
  async refusals(config) {
    const agent = new WebAgent()
    const first = await logIn(config, agent)
    seen.code_twice = await refusal(
      () => oidc.authorizationCodeGrant(config, first.callback, first.checks))
    seen.userinfo_after_code_twice = await refusal(
      () => oidc.fetchUserInfo(config, first.tokens.access_token, first.tokens.claims().sub))

    const second = await authorize(config, agent)
    const foreign = { ...second.checks, pkceCodeVerifier: oidc.randomPKCECodeVerifier() }
    seen.wrong_verifier = await refusal(
      () => oidc.authorizationCodeGrant(config, second.callback, foreign))

    const third = await logIn(config, agent)
    const r1 = third.tokens.refresh_token
    const r2 = (await oidc.refreshTokenGrant(config, r1)).refresh_token
    const r3 = (await oidc.refreshTokenGrant(config, r2)).refresh_token
    seen.repeat_within_grace = (await oidc.refreshTokenGrant(config, r2)).refresh_token === r3
    seen.refresh_reuse = await refusal(() => oidc.refreshTokenGrant(config, r1))
    seen.family_after_reuse = await refusal(() => oidc.refreshTokenGrant(config, r3))

    const fourth = await logIn(config, agent)
    await oidc.tokenRevocation(config, fourth.tokens.refresh_token)
    seen.refresh_after_revocation = await refusal(
      () => oidc.refreshTokenGrant(config, fourth.tokens.refresh_token))
    seen.introspection_after_revocation = await oidc.tokenIntrospection(
      config, fourth.tokens.refresh_token)

    const plain = oidc.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri, scope: 'openid', state: 'without-pkce' })
    const refused = await agent.open(plain, { stopAt: redirectUri })
    seen.without_pkce = new URL(refused.url).searchParams.get('error')

    const elsewhere = await agent.open(
      oidc.buildAuthorizationUrl(config, { redirect_uri: `${base}/elsewhere`, scope: 'openid' }))
    seen.foreign_redirect_uri = { status: elsewhere.status,
      stayed: elsewhere.url.startsWith(job.issuer) }
  },

  /** The answer comes as a form that the browser posts. */
  async form_post(config) {
    const agent = new WebAgent()
    const { url, checks } = await newRequest(config, { response_mode: 'form_post' })
    const page = await signIn(agent, url, job.account, redirectUri)
    const form = readForms(page.html).find(({ action }) => action === redirectUri)
    if (!form) throw new Error(`no form to ${redirectUri} at ${page.status} ${page.url}`)
    await agent.submit(page, form, {})
    const answer = new Request(redirectUri, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: inbox.posts[0],
    })
    const tokens = await oidc.authorizationCodeGrant(config, answer, checks)
    seen.form_post = { sub: tokens.claims().sub, cache: page.headers.get('cache-control'),
      iss: inbox.posts[0].get('iss') }
  },

  /** An API wants more than the token says: the application asks for what the answer names. */
  async levels(config) {
    inbox.config = config
    const agent = new WebAgent()
    const { tokens } = await logIn(config, agent)
    seen.password = { acr: tokens.claims().acr, amr: tokens.claims().amr }
    const api = (token) => fetch(`${base}/records`, { headers: { authorization: `Bearer ${token}` } })
    const challenge = (await api(tokens.access_token)).headers.get('www-authenticate')
    const asked = Object.fromEntries(
      [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]))
    seen.challenge = asked
    const wanted = { acr_values: asked.acr_values, max_age: asked.max_age }
    seen.silently = await newRequest(config, { ...wanted, prompt: 'none' })
      .then(async ({ url, checks }) => {
        const page = await agent.open(url, { stopAt: redirectUri })
        return refusal(() => oidc.authorizationCodeGrant(config, new URL(page.url), checks))
      })
    const more = await logInSettingUp(config, agent, wanted)
    seen.stepped_up = { acr: more.claims().acr, amr: more.claims().amr,
      same_person: more.claims().sub === tokens.claims().sub,
      api: (await api(more.access_token)).status }
    const renewed = await oidc.refreshTokenGrant(config, more.refresh_token)
    seen.renewed = { acr: renewed.claims()?.acr ?? '', api: (await api(renewed.access_token)).status }
    // Who has two by now: the session does, and max_age is checked by the library, too.
    const { url, checks } = await newRequest(config, wanted)
    const page = await agent.open(url, { stopAt: redirectUri })
    const again = await oidc.authorizationCodeGrant(
      config, new URL(page.url), { ...checks, maxAge: Number(asked.max_age) })
    seen.again = { acr: again.claims().acr, auth_time: again.claims().auth_time === more.claims().auth_time }
    const anew = await newRequest(config, { max_age: '0', prompt: 'none' })
    const refused = await agent.open(anew.url, { stopAt: redirectUri })
    seen.max_age_zero = new URL(refused.url).searchParams.get('error')
  },

  /** A service without a person. */
  async client_credentials(config) {
    const tokens = await oidc.clientCredentialsGrant(config, {})
    seen.client_credentials = {
      token_type: tokens.token_type,
      refresh_token: tokens.refresh_token ?? null,
      introspection: await oidc.tokenIntrospection(config, tokens.access_token),
    }
  },

  /** The client proves itself by a signed assertion instead of a secret. */
  async private_key_jwt(config) {
    const { tokens } = await logIn(config, new WebAgent())
    seen.private_key_jwt = { sub: tokens.claims().sub,
      userinfo: await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub) }
    const renewed = await oidc.refreshTokenGrant(config, tokens.refresh_token)
    seen.private_key_jwt.rotated = renewed.refresh_token !== tokens.refresh_token
    const stranger = await jose.generateKeyPair('ES256')
    const forged = await discover(oidc.PrivateKeyJwt(stranger.privateKey))
    seen.forged_assertion = await refusal(
      () => oidc.refreshTokenGrant(forged, renewed.refresh_token))
  },
}

async function clientAuth() {
  if (!job.client.private_jwk) return secretAuth()
  const { private_jwk: jwk } = job.client
  const key = await crypto.subtle.importKey(
    'jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
  return oidc.PrivateKeyJwt({ key, kid: jwk.kid })
}

const server = await serve()
try {
  await scenarios[job.scenario](await discover(await clientAuth()))
} catch (error) {
  seen.failure = { name: error.name, code: error.code, error: error.error,
    message: error.message, description: error.error_description,
    cause: String(error.cause?.message ?? error.cause ?? ''), stack: error.stack }
}
console.log(JSON.stringify(seen))
server.close()
server.closeAllConnections()
