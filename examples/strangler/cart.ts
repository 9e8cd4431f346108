/** The cart, which has moved here from Flask. The session is the one that Flask has signed, and Flask reads what is written here. */
import { Html, HtmlDocument, HttpError, Router, WsgiResponse, type WsgiRequest } from 'pulsar-wsgi'
import { FlaskSessions, type Session } from './flask-session.ts'
import { prices } from './prices.ts'

const secret = process.env['SECRET_KEY']
if (secret === undefined) throw new Error('SECRET_KEY is not set: the shop and the cart share it')
const sessions = new FlaskSessions({ secret })

const sessionOf = (request: WsgiRequest): Session => sessions.open(request.cookies[sessions.cookieName])
const cartOf = (session: Session): Readonly<Record<string, number>> => session['cart'] as Record<string, number> | undefined ?? {}

/** As Flask sets it: until the browser is closed, unless the session is permanent. */
function keep(response: WsgiResponse, session: Session): WsgiResponse {
  const maxAge = session['_permanent'] === true ? { maxAge: sessions.lifetime } : {}
  response.setCookie(sessions.cookieName, sessions.seal(session), { httpOnly: true, ...maxAge })
  return response
}

function page(session: Session): HtmlDocument {
  const cart = Object.entries(cartOf(session))
  const total = cart.reduce((sum, [product, count]) => sum + count * (prices[product] ?? 0), 0)
  const document = new HtmlDocument({ title: 'Cart', attributes: { lang: 'en' } })
  const user = session['user']
  document.body.append(new Html('h1', typeof user === 'string' ? `The cart of ${user}` : 'The cart'))
  document.body.append(new Html('ul', ...cart.map(([product, count]) => new Html('li', `${count} ${product}`))))
  document.body.append(new Html('p', `Together: ${(total / 100).toFixed(2)}. `, new Html('a', { href: '/' }, 'Back to the shop')))
  return document
}

export default new Router('', {
  get(request) {
    request.response.headers.vary('Cookie')
    return page(sessionOf(request))
  },

  async post(request) {
    const product = (await request.form()).get('product') ?? ''
    if (!Object.hasOwn(prices, product)) throw new HttpError(422, 'no such product')
    const session = sessionOf(request)
    const cart = cartOf(session)
    return keep(WsgiResponse.redirect('/cart', 303), { ...session, cart: { ...cart, [product]: (cart[product] ?? 0) + 1 } })
  },
})
