import { type Key, Root } from '@tufjs/models'
import type { OnlineKeys } from '../wire/metadata/messages'
import { listedKey } from './keys'

export interface FirstRoot {
  readonly vendorName: string
  readonly expires: string
  /** Root keys that must sign a root. */
  readonly threshold: number
  /** Public keys in hex. */
  readonly rootKeys: readonly string[]
  readonly targetsKey: string
  readonly onlineKeys: OnlineKeys
}

export interface RootChange {
  readonly expires: string
  readonly replaced: {
    readonly role: 'root' | 'targets'
    readonly oldKeyId: string
    /** Of the key in its place, in hex. */
    readonly publicKey: string
  }
  readonly onlineKeys: OnlineKeys
}

/** The root that a vendor begins with: its own root and targets keys, and the carrier's online keys. */
export function newRoot(first: FirstRoot): Root {
  const { vendorName, expires, rootKeys, threshold, targetsKey, onlineKeys } = first
  return rootOf({
    version: 1,
    expires,
    named: { vendor: vendorName },
    threshold,
    keys: { root: rootKeys.map(listedKey), targets: [listedKey(targetsKey)] },
    onlineKeys,
  })
}

/** The next version, with one key replaced and the online keys as they are now. */
export function nextRoot(before: Root, { expires, replaced, onlineKeys }: RootChange): Root {
  const keysOf = (role: 'root' | 'targets'): Key[] => {
    const left = (before.roles[role]?.keyIDs ?? []).flatMap(id => before.keys[id] ?? [])
    if (role !== replaced.role) return left
    const kept = left.filter(({ keyID }) => keyID !== replaced.oldKeyId)
    return [...kept, listedKey(replaced.publicKey)]
  }
  return rootOf({
    version: before.version + 1,
    expires,
    named: before.unrecognizedFields,
    threshold: before.roles['root']?.threshold ?? 1,
    keys: { root: keysOf('root'), targets: keysOf('targets') },
    onlineKeys,
  })
}

interface RootFacts {
  readonly version: number
  readonly expires: string
  /** Whose it is, as a field of its own. */
  readonly named: Root['unrecognizedFields']
  readonly threshold: number
  readonly keys: Readonly<Record<'root' | 'targets', readonly Key[]>>
  readonly onlineKeys: OnlineKeys
}

function rootOf({ version, expires, named, threshold, keys, onlineKeys }: RootFacts): Root {
  const root = new Root({
    version,
    specVersion: '1.0.31',
    expires,
    consistentSnapshot: true,
    unrecognizedFields: named,
  })
  for (const key of keys.root) root.addKey(key, 'root')
  for (const key of keys.targets) root.addKey(key, 'targets')
  root.addKey(listedKey(onlineKeys.snapshot), 'snapshot')
  root.addKey(listedKey(onlineKeys.timestamp), 'timestamp')
  const { keyIDs = [] } = root.roles['root'] ?? {}
  return withThreshold(root, { keyIDs, threshold })
}

/** A role is made with a threshold of one, and cannot be changed. */
function withThreshold(
  root: Root,
  { keyIDs, threshold }: { readonly keyIDs: readonly string[]; readonly threshold: number },
): Root {
  const json = root.toJSON()
  const roles = Object(json['roles'])
  return Root.fromJSON({ ...json, roles: { ...roles, root: { keyids: [...keyIDs], threshold } } })
}
