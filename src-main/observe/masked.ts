/** Where a secret stood. */
const MASK = '***'
const SECRET_NAME = /(password|token)$/i
/** Who asks, and their password, as an address may begin with them. */
const LOGIN_OF_ADDRESS = /(?<=:\/\/)[^/?#\s]*@/g

/**
 * What somebody gave a call, fit to be kept: without the values under names that end in `password`
 * or `token`, in whatever depth, and without logins in addresses. That there was none (null) is no
 * secret.
 */
export function masked(input: unknown): unknown {
  if (Array.isArray(input)) return input.map(masked)
  if (typeof input === 'string') return input.replaceAll(LOGIN_OF_ADDRESS, `${MASK}@`)
  if (typeof input !== 'object' || input === null) return input
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => [
      name,
      SECRET_NAME.test(name) && typeof value === 'string' ? MASK : masked(value),
    ]),
  )
}
