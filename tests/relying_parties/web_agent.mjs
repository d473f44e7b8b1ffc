// A person's browser as a relying party's test needs it: cookies, redirects and plain HTML forms.
// No JavaScript runs in it, so whatever it gets through works without JavaScript.

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
const MAX_REDIRECTS = 15
// Buttons not pressed and boxes not ticked are not part of what a browser sends.
const NOT_SENT = new Set(['submit', 'button', 'reset', 'checkbox', 'radio'])

function unescapeHtml(text) {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (hex) return String.fromCodePoint(parseInt(hex, 16))
    if (decimal) return String.fromCodePoint(Number(decimal))
    return ENTITIES[name] ?? whole
  })
}

function readAttributes(tag) {
  const attributes = {}
  for (const [, name, double, single, bare] of tag.matchAll(
    /([\w-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?/g,
  )) {
    attributes[name.toLowerCase()] = unescapeHtml(double ?? single ?? bare ?? '')
  }
  return attributes
}

/** The forms of a page: [{action, method, fields: [{name, value, type, autocomplete}]}]. */
export function readForms(html) {
  return [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].map(([, head, body]) => {
    const { action = '', method = 'get' } = readAttributes(head)
    const fields = [...body.matchAll(/<(input|button)\b([^>]*)>/gi)].map(([, element, tag]) => {
      const usual = element.toLowerCase() === 'button' ? 'submit' : 'text'
      const { name = '', value = '', type = usual, autocomplete = '' } = readAttributes(tag)
      return { name, value, type: type.toLowerCase(), autocomplete }
    })
    return { action, method: method.toUpperCase(), fields }
  })
}

/** The addresses a page links to. */
export function readLinks(html) {
  return [...html.matchAll(/<a\b([^>]*)>/gi)].map(([, tag]) => readAttributes(tag).href ?? '')
}

export class WebAgent {
  #jars = new Map()

  #cookieHeader(host) {
    return [...(this.#jars.get(host) ?? new Map())].map(([k, v]) => `${k}=${v}`).join('; ')
  }

  #keepCookies(host, response) {
    const jar = this.#jars.get(host) ?? new Map()
    for (const line of response.headers.getSetCookie()) {
      const [pair, ...attributes] = line.split(';')
      const [name, ...rest] = pair.trim().split('=')
      const expired = attributes.some((a) => /^\s*max-age\s*=\s*0\s*$/i.test(a))
      if (expired) jar.delete(name)
      else jar.set(name, rest.join('='))
    }
    this.#jars.set(host, jar)
  }

  /** One request without following anything: {status, url, location, html, headers}. */
  async request(url, { method = 'GET', body } = {}) {
    const target = new URL(url)
    const headers = { accept: 'text/html', 'accept-language': 'vi' }
    const cookies = this.#cookieHeader(target.hostname)
    if (cookies) headers.cookie = cookies
    if (method !== 'GET') headers.origin = this.origin ?? target.origin
    const response = await fetch(target, { method, body, headers, redirect: 'manual' })
    this.#keepCookies(target.hostname, response)
    const html = await response.text()
    // A page with a refresh of zero seconds leads on like a redirect, without scripts.
    const refresh = /<meta http-equiv="refresh" content="0; url=([^"]+)"/i.exec(html)
    const location = response.headers.get('location') ?? (refresh && unescapeHtml(refresh[1]))
    return {
      status: response.status,
      url: target.href,
      location: location ? new URL(location, target).href : null,
      html,
      headers: response.headers,
    }
  }

  /** Follows redirects until a page comes, or an address starting with `stopAt` would be fetched. */
  async open(url, { stopAt, ...options } = {}) {
    let page = await this.request(url, options)
    for (let hops = 0; page.location; hops += 1) {
      if (hops > MAX_REDIRECTS) throw new Error(`redirect loop at ${page.url}`)
      if (stopAt && page.location.startsWith(stopAt)) return { ...page, url: page.location }
      page = await this.request(page.location)
    }
    return page
  }

  /** Submits a form of `page` with `values` over what the form holds. */
  async submit(page, form, values, options = {}) {
    const data = new URLSearchParams()
    const pressed = form.fields.find(({ type }) => type === 'submit')
    for (const field of form.fields) {
      const sent = field === pressed || !NOT_SENT.has(field.type)
      if (field.name && sent) data.append(field.name, values[field.name] ?? field.value)
    }
    const target = new URL(form.action || page.url, page.url)
    this.origin = new URL(page.url).origin
    if (form.method === 'GET') {
      target.search = data.toString()
      return this.open(target, options)
    }
    return this.open(target, { ...options, method: 'POST', body: data })
  }
}

const isPassword = ({ type }) => type === 'password'
const isLogin = ({ type, autocomplete, name }) =>
  ['text', 'email'].includes(type) &&
  (autocomplete.split(' ').includes('username') || /^(username|login|identifier)$/.test(name))

/** Signs a person in from the address of an authorization request; returns the page it ends on. */
export async function signIn(agent, authorizationUrl, account, stopAt) {
  let page = await agent.open(authorizationUrl, { stopAt })
  for (let asked = 0; asked < 3 && !page.url.startsWith(stopAt); asked += 1) {
    const form = readForms(page.html).find((f) => f.fields.some((x) => isPassword(x) || isLogin(x)))
    if (!form) break
    const values = {}
    for (const field of form.fields) {
      if (isPassword(field)) values[field.name] = account.password
      else if (isLogin(field)) values[field.name] = account.username
    }
    page = await agent.submit(page, form, values, { stopAt })
  }
  return page
}
