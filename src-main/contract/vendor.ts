import * as z from 'zod'
import { call, errorCodes, instant, queryNumber, sha256Hex } from './procedure'

const count = z.number().int().nonnegative()
const id = z.number().int().positive()
/** HTTP Basic authentication takes a colon for the end of a name (RFC 7617). */
const name = z.string().min(1).max(64)
/** As people write it: `Vendor A`. It names the vendor everywhere. */
export const vendorName = name.regex(
  // Stands in paths, where one dot and two have another meaning and half a character none.
  /^(?!\.{1,2}$)[^\p{Cc}\p{Cs}:]+$/u,
  'must have no control characters and no colon, and not be one dot or two',
)
const accessorId = name.regex(/^[^\p{Cc}:]+$/u, 'must have no control characters and no colon')
const word = name.regex(/^[^\p{Cc}]+$/u, 'must have no control characters')
/** Without blanks, so that it can be told from the name before it. */
const versionWord = name.regex(/^[^\s\p{Cc}]+$/u, 'must have no blanks')

export const vendorErrors = errorCodes({
  VENDOR_EXISTS: [409, 'A vendor of this name exists.'],
  VENDOR_UNKNOWN: [404, 'No such vendor.'],
  PACKAGE_UNKNOWN: [404, 'No such file was added.'],
  PACKAGE_TOO_LARGE: [413, 'The file is too large.'],
  BLOB_DAMAGED: [410, 'The stored file is damaged.'],
  IMAGE_UNKNOWN: [404, 'No such image is in the library.'],
  RELEASE_UNFIT: [422, 'The file cannot be a release.'],
  RELEASE_EXISTS: [409, 'This revision is registered.'],
  RELEASE_UNKNOWN: [404, 'No such release.'],
  RELEASE_RETURNED: [409, 'The carrier returned this revision; register a new one.'],
  ACCESSOR_UNKNOWN: [404, 'No such accessor.'],
  NOTICE_FAILED: [502, 'The carrier could not be told.'],
  METADATA_KEYS_MISSING: [409, 'Too few root keys are left to sign.'],
  METADATA_FULL: [409, 'Handsets take no more metadata of this vendor.'],
})

/** How the carrier tries a release on a test device before any other (spec 2.1.5). */
export const trialProfile = z.object({
  /** Text of the test signal. */
  signal: z.string().regex(/^[\x20-\x7e]{1,64}$/),
  /** Text that the device must answer; as a rule the same. */
  answer: z.string().regex(/^[\x20-\x7e]{1,64}$/),
  waitSeconds: z.number().int().min(1).max(86_400),
})
export type TrialProfile = z.infer<typeof trialProfile>

/** What a vendor says of a release beside its bytes (spec 2.1.2, claim 1). */
export const additionalInformation = z.object({
  /** Types of the devices that can use it; none: every device of the vendor. */
  deviceTypes: z.array(word).max(64),
  /** Versions that it may follow; none: any. */
  fromVersions: z.array(word).max(64),
  /** In the smallest unit of the currency. */
  price: z.number().int().min(0).max(1_000_000_000),
  currency: z.string().regex(/^[A-Z]{3}$/),
  trial: trialProfile.nullable(),
})
export type AdditionalInformation = z.infer<typeof additionalInformation>

/** What became of a trial, for the vendor and the carrier's inspection (S1-48, S1-73). */
export const trialReport = z.object({
  deviceId: z.string(),
  outcome: z.enum(['passed', 'no-answer', 'wrong-answer', 'not-installed']),
  /** What the device answered at last; null: nothing. */
  answer: z.string().nullable(),
  /** In words. */
  message: z.string(),
  startedAt: instant,
  endedAt: instant,
})
export type TrialReport = z.infer<typeof trialReport>

export const vendorRelease = z.object({
  id,
  vendorName,
  softwareName: word,
  version: word,
  /** Counts registrations of the same version from 1. */
  revision: id,
  /** `firmware` has a software descriptor and a model; `package` is any other file. */
  kind: z.enum(['firmware', 'package']),
  model: z.string().nullable(),
  digest: sha256Hex,
  bytes: count,
  additional: additionalInformation,
  state: z.enum(['registered', 'notified', 'handed-out', 'returned']),
  report: trialReport.nullable(),
  registeredAt: instant,
})
export type VendorRelease = z.infer<typeof vendorRelease>

export const vendor = z.object({
  name: vendorName,
  /** Of its software database: `http://127.0.0.1:PORT`. */
  address: z.string(),
  releases: count,
  accessors: count,
  /** Version of its TUF root, and when its metadata ends. */
  rootVersion: count,
  metadataExpiresAt: instant.nullable(),
  createdAt: instant,
})
export type Vendor = z.infer<typeof vendor>

/** Who may fetch from a vendor's software database (spec ¶0077). */
export const accessor = z.object({
  accessorId,
  /** Name of the registered party. */
  party: word,
  registeredAt: instant,
  lastAccessAt: instant.nullable(),
})
export type Accessor = z.infer<typeof accessor>

export const vendorAccess = z.object({
  id,
  at: instant,
  accessorId: z.string().nullable(),
  releaseId: id.nullable(),
  outcome: z.enum(['demanded', 'handed-out', 'refused', 'returned']),
  message: z.string(),
})
export type VendorAccess = z.infer<typeof vendorAccess>

/** A file that is no firmware image, for a release of kind `package`. */
export const vendorPackage = z.object({
  digest: sha256Hex,
  name: z.string(),
  bytes: count,
  addedAt: instant,
})
export type VendorPackage = z.infer<typeof vendorPackage>

const named = z.object({ vendorName })
const ofRelease = z.object({ vendorName, id: queryNumber(id) })
const password = z.string().min(1).max(128)

export const vendorCalls = {
  // Queries
  list: call
    .route({ method: 'GET', path: '/vendors', summary: 'Vendors and their software databases' })
    .output(z.array(vendor)),
  releases: call
    .route({
      method: 'GET',
      path: '/vendors/{vendorName}/releases',
      summary: 'Releases in a vendor software database, newest first',
    })
    .input(named)
    .errors(vendorErrors)
    .output(z.array(vendorRelease)),
  accessors: call
    .route({
      method: 'GET',
      path: '/vendors/{vendorName}/accessors',
      summary: 'Who may fetch from the database',
    })
    .input(named)
    .errors(vendorErrors)
    .output(z.array(accessor)),
  accesses: call
    .route({
      method: 'GET',
      path: '/vendors/{vendorName}/accesses',
      summary: 'Accesses to the database and refusals, newest first',
    })
    .input(z.object({ vendorName, limit: queryNumber(id.max(500).default(100)) }))
    .errors(vendorErrors)
    .output(z.array(vendorAccess)),
  packages: call
    .route({ method: 'GET', path: '/vendor-packages', summary: 'Files added for releases' })
    .output(z.array(vendorPackage)),
  root: call
    .route({
      method: 'GET',
      path: '/vendors/{vendorName}/root',
      summary: 'The TUF root that handsets of this vendor leave the factory with',
    })
    .input(named)
    .errors(vendorErrors)
    .output(z.object({ version: count, root: z.string() })),
  // Commands. Files come in by POST /upload (images) and POST /upload/package (any other).
  create: call
    .meta({ action: true })
    .route({
      method: 'POST',
      path: '/vendors',
      summary: 'Opens a vendor with its own software database and keys',
    })
    .input(
      z.object({
        name: vendorName,
        /** Keys of its TUF root, and how many must sign a new one; one of one if left out. */
        root: z
          .object({ keys: z.number().int().min(1).max(8), threshold: z.number().int().min(1) })
          .refine(({ keys, threshold }) => threshold <= keys, 'asks for more keys than there are')
          .optional(),
      }),
    )
    .errors(vendorErrors)
    .output(vendor),
  register: call
    .meta({ action: true })
    .route({
      method: 'POST',
      path: '/vendors/{vendorName}/releases',
      summary: 'Registers a release: software with its additional information (S10)',
    })
    .input(
      z.object({
        vendorName,
        /** Of an image of the library or of an added file. */
        digest: sha256Hex,
        /** Firmware says both itself; for a package they are needed. */
        softwareName: word.optional(),
        version: versionWord.optional(),
        additional: additionalInformation,
      }),
    )
    .errors(vendorErrors)
    .output(vendorRelease),
  notify: call
    .meta({ action: true })
    .route({
      method: 'POST',
      path: '/vendors/{vendorName}/releases/{id}/notify',
      summary: 'Tells the carrier of a release, by its API or by mail (S11)',
    })
    .input(ofRelease.extend({ by: z.enum(['api', 'mail']).default('api') }))
    .errors(vendorErrors)
    .output(vendorRelease),
  upload: call
    .meta({ action: true })
    .route({
      method: 'POST',
      path: '/vendors/{vendorName}/releases/{id}/upload',
      summary: 'Sends a release to the carrier itself, where it does not fetch (S1)',
    })
    .input(ofRelease)
    .errors(vendorErrors)
    .output(vendorRelease),
  setAccessor: call
    .meta({ action: true })
    .route({
      method: 'PUT',
      path: '/vendors/{vendorName}/accessors/{accessorId}',
      summary: 'Registers who may fetch, or gives them another password',
    })
    .input(z.object({ vendorName, accessorId, party: word, password }))
    .errors(vendorErrors)
    .output(accessor),
  removeAccessor: call
    .meta({ action: true })
    .route({
      method: 'DELETE',
      path: '/vendors/{vendorName}/accessors/{accessorId}',
      summary: 'Lets somebody fetch no more',
    })
    .input(z.object({ vendorName, accessorId }))
    .errors(vendorErrors)
    .output(z.void()),
  setCarrier: call
    .meta({ action: true })
    .route({
      method: 'PUT',
      path: '/vendors/{vendorName}/carrier',
      summary: 'With what password, and at what mail address, the vendor reaches the carrier',
    })
    .input(z.object({ vendorName, password, mailAddress: z.email().max(254).optional() }))
    .errors(vendorErrors)
    .output(vendor),
  rotateKeys: call
    .meta({ action: true })
    .route({
      method: 'POST',
      path: '/vendors/{vendorName}/keys/rotate',
      summary: 'Replaces a key of the vendor: its root is signed by the old and the new one',
    })
    .input(z.object({ vendorName, role: z.enum(['root', 'targets']) }))
    .errors(vendorErrors)
    .output(vendor),
}
