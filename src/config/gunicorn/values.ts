/** Values of gunicorn's settings, as settings here have them. */

/** gunicorn's port, where an address names none. */
export const gunicornBind = '127.0.0.1:8000'

/** `HOST`, `HOST:PORT`, `tcp://...`, `unix:PATH`, `unix://PATH`, `fd://N`; one or a list of them. */
export function addressesHere(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(addressesHere).flat()
  if (typeof value !== 'string') return value
  const texts = value.split(',').map((one) => one.trim()).filter((one) => one !== '')
  return texts.map((text) => {
    const plain = text.replace(/^tcp:\/\//, '').replace(/^unix:(\/\/)?/, 'unix:').replace(/^fd:\/\//, 'fd:')
    const named = /^(unix:|fd:)/.test(plain) || /:\d+$/.test(plain.replace(/^\[[^\]]*\]/, ''))
    return named ? plain : `${/^\d+$/.test(plain) ? '127.0.0.1:' : ''}${plain}${/^\d+$/.test(plain) ? '' : ':8000'}`
  })
}

/** 0 has no limit there; here the highest is one. */
export function limitHere(highest: number): (value: unknown) => unknown {
  return (value) => (value === 0 ? highest : value)
}

/** Whole seconds, as text in some files. */
export function numberHere(value: unknown): unknown {
  return typeof value === 'string' && /^\s*\d+\s*$/.test(value) ? Number(value) : value
}

/** `-` is standard error, where it goes without a setting. */
export function logFileHere(value: unknown): unknown {
  return value === '-' ? undefined : value
}

export function levelHere(value: unknown): unknown {
  return typeof value === 'string' ? value.toLowerCase() : value
}

/** Directories with commas between there, with colons here. */
export function pathsHere(value: unknown): unknown {
  return typeof value === 'string' ? value.split(',').map((one) => one.trim()).filter((one) => one !== '').join(':') : value
}

/** A number or text of an octal one, as `umask` takes it; 0 leaves it as it is there. */
export function maskHere(value: unknown): unknown {
  const mask = typeof value === 'string' ? Number.parseInt(value.replace(/^0o/i, ''), 8) : value
  return mask === 0 || typeof mask !== 'number' ? undefined : mask.toString(8).padStart(3, '0')
}

/** The numbers of Python's ssl module: CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED. */
export function requirementHere(value: unknown): unknown {
  const number = numberHere(value)
  return typeof number === 'number' ? ['none', 'optional', 'required'][number] ?? value : value
}

/** `h1`, `h2` or both with a comma between: HTTP/1.1 is always there. */
export function protocolsHere(value: unknown): unknown {
  return typeof value === 'string' && /\bh2\b/.test(value) ? 'on' : 'off'
}

/** `off`, `v1`, `v2` or `auto` there, or true; here both versions are read. */
export function proxyProtocolHere(value: unknown): unknown {
  return typeof value === 'string' ? ['v1', 'v2', 'auto', 'true'].includes(value.toLowerCase()) : value
}
