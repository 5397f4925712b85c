import { missingPeers, PEERS } from './peers'

/** Says once, before the tests, which tests cannot run here and what would let them. */
export default function listMissingPeers(): void {
  const missing = missingPeers()
  if (missing.length === 0) return
  const packages = missing.map(name => PEERS[name])
  console.log(
    `Skipped, for want of ${missing.join(', ')}. To run them: apt-get install ${packages.join(' ')}`,
  )
}
