/** The routes of the router servers: one in ten with a literal path, the others with one variable or two, as an API has them. */

const forms = [
  (name) => [name],
  (name) => [name, ':id'],
  (name) => [name, ':id', 'edit'],
  (name) => [name, ':id', 'items'],
  (name) => [name, ':id', 'items', ':item'],
  (name) => [name, 'search'],
  (name) => [name, ':id', 'owner'],
  (name) => [name, ':id', 'owner', 'address'],
  (name) => [name, ':id', 'history'],
  (name) => [name, ':id', 'tags', ':item'],
]

/** Each is a list of segments, those with a colon variables; ten for each resource. */
export function routes(count) {
  return Array.from({ length: count }, (_, index) => ['api', ...forms[index % forms.length](`resource${Math.floor(index / forms.length)}`)])
}

/** What is asked for, and what it is answered with: the second route of all, the same however many there are. */
export const asked = { path: '/api/resource0/7', answer: '{"id":7,"name":"thing 7","tags":["a","b"],"active":true}' }

export const thing = (id) => ({ id, name: `thing ${id}`, tags: ['a', 'b'], active: true })
