/** A Node handler and nothing else. */
export default function handler(req, res) {
  res.setHeader('Content-Type', 'text/plain')
  res.end('Hello World!')
}
