/**
 * Negative where `a` is the older one. Versions are three numbers, compared from the left as
 * numbers; a text that is no such version is older than every one that is.
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)]
  if (!left || !right) return Number(left !== undefined) - Number(right !== undefined)
  const differing = left.findIndex((part, index) => part !== right[index])
  return differing < 0 ? 0 : (left[differing] ?? 0) - (right[differing] ?? 0)
}

/** As in a software descriptor: each part has 16 bits there. */
function partsOf(version: string): number[] | undefined {
  if (!/^\d{1,5}\.\d{1,5}\.\d{1,5}$/.test(version)) return undefined
  return version.split('.').map(Number)
}
