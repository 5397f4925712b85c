/** Ends a switch over a union: the compiler refuses it while a case is missing. */
export function assertNever(value: never, what = 'value'): never {
  throw new Error(`Unexpected ${what}: ${JSON.stringify(value)}`)
}

/** States a fact the code relies on. A failure is a defect in Kintsugi, never bad input. */
export function invariant(condition: unknown, fact: string): asserts condition {
  if (!condition) throw new Error(`Broken invariant: ${fact}`)
}
