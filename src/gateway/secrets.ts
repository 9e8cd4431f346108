/** What a page or a log that people pass around must not show. */

const mask = '[masked]'

/** Fields that are credentials, and words in a name that say that the value is one. */
const secretName = /authorization|cookie|token|secret|passw(?:or)?d|passphrase|credential|session|private|key/i

/** True for a name, of a variable, a field, a setting or a parameter, whose value is not to be shown. */
export function namesSecret(name: string): boolean {
  return secretName.test(name)
}

/** The value, or a mask for it where its name says that it is a secret, and for the secrets that a URL in it may carry. */
export function maskedValue(name: string, value: string): string {
  return namesSecret(name) ? mask : maskedUrl(value)
}

/** Masks the password of `scheme://user:password@host`, and query parameters with the name of a secret. */
export function maskedUrl(text: string): string {
  const shown = text.replace(/(:\/\/[^\s/:@]{0,256}):[^\s/@]{1,1024}@/g, `$1:${mask}@`)
  if (!shown.includes('=')) return shown
  return shown
    .split(/([?&;#\s])/)
    .map((part) => {
      const equals = part.indexOf('=')
      return equals > 0 && namesSecret(part.slice(0, equals)) ? `${part.slice(0, equals)}=${mask}` : part
    })
    .join('')
}
