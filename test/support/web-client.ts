/** A client as a browser is: it keeps cookies, and follows no redirect by itself. */
export interface Visit {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

export class WebClient {
  readonly cookies: Map<string, string> = new Map()
  readonly #address: string

  /** @param address the URL that a server printed */
  constructor(address: string) {
    this.#address = address
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Visit> {
    return this.visit(path, { headers })
  }

  /** A form as a page would send it: with a file in it multipart, else urlencoded. */
  post(path: string, fields: Readonly<Record<string, string | Blob>>): Promise<Visit> {
    const form = new FormData()
    for (const [name, value] of Object.entries(fields)) {
      if (typeof value === 'string') form.append(name, value)
      else form.append(name, value)
    }
    const files = Object.values(fields).some((value) => typeof value !== 'string')
    return this.visit(path, { method: 'POST', body: files ? form : new URLSearchParams(fields as Record<string, string>) })
  }

  async visit(path: string, init: RequestInit = {}): Promise<Visit> {
    const response = await this.raw(path, init)
    return { status: response.status, headers: response.headers, text: await response.text() }
  }

  /** The answer whose body is still to be read. */
  async raw(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    if (this.cookies.size > 0) headers.set('Cookie', [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '))
    const response = await fetch(this.#address + path, { redirect: 'manual', ...init, headers })
    for (const cookie of response.headers.getSetCookie()) this.#keep(cookie)
    return response
  }

  #keep(cookie: string): void {
    const [pair = '', ...attributes] = cookie.split(';').map((part) => part.trim())
    const sign = pair.indexOf('=')
    const [name, value] = [pair.slice(0, sign), pair.slice(sign + 1)]
    const gone = value === '' || value === '""' || attributes.some((attribute) => /^max-age=0$/i.test(attribute))
    if (gone) this.cookies.delete(name)
    else this.cookies.set(name, value)
  }
}
