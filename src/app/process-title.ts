/** What `ps` and `top` show. */
export function processTitle(role: 'arbiter' | 'worker', name: string | null): string {
  return `pulsar: ${role}${name === null ? '' : ` [${name}]`}`
}
