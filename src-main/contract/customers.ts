import * as z from 'zod'
import { vendorName } from './vendor'

const word = z.string().min(1).max(64)

/** IANA name: `Asia/Tokyo`. */
const timeZone = z.string().regex(/^[A-Za-z0-9_+/-]{1,64}$/)

/** A row of the customer information management table (spec 2.1.2, Fig.3 and Fig.9). */
export const customer = z.object({
  deviceId: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/),
  ipAddress: z.ipv4(),
  password: z.string().min(1).max(128),
  /** Of the device's maker. */
  vendorName,
  managerName: z.string().min(1).max(128),
  managerEmail: z.email().max(254),
  /** The answer to the newest question; `unanswered` until there is one. */
  updateManagement: z.enum(['update', 'do-not-update', 'unanswered']),
  deviceType: word.nullable(),
  deviceClass: z.enum(['handset', 'information-terminal', 'pc', 'network-device']),
  isTestDevice: z.boolean(),
  /** Names of software that the customer registered to want (¶0057). */
  wantedSoftware: z.array(word).max(64),
  terminalId: z
    .string()
    .regex(/^[A-Z0-9-]{1,32}$/)
    .nullable(),
  /** As last reported. */
  softwareName: word.nullable(),
  softwareVersion: word.nullable(),
  timeZone,
  /** `poll`: the device asks over DDI and cannot be reached by its address. */
  reach: z.enum(['access', 'poll']),
  /** Further columns. */
  extra: z
    .record(z.string().max(64), z.string().max(256))
    .refine(columns => Object.keys(columns).length <= 64, 'there are at most 64 further columns'),
})
export type Customer = z.infer<typeof customer>

/** What a row may leave out when it is entered. */
export const newCustomer = customer.partial({
  updateManagement: true,
  deviceType: true,
  deviceClass: true,
  isTestDevice: true,
  wantedSoftware: true,
  terminalId: true,
  softwareName: true,
  softwareVersion: true,
  timeZone: true,
  reach: true,
  extra: true,
})
export type NewCustomer = z.infer<typeof newCustomer>
