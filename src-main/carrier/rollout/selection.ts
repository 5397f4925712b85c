import { type Expression, type ExpressionBuilder, sql, type SqlBool } from 'kysely'
import type { Rollout } from '../../contract/rollouts'
import type { Schema } from '../../storage/schema'

/** What of a release decides for whom it is. */
export type SelectedBy = Pick<Rollout, 'vendorName' | 'softwareName' | 'version' | 'additional'>

type Customers = ExpressionBuilder<Schema, 'carrier_customers'>

/**
 * Whether a device can use a release (S1-05, S1-07, S1-08, S1-25). Where the release names types,
 * the device has one of them; else it is of the release's vendor, or a PC whose customer registered
 * to want the software. A PC with such a list takes nothing else. Test devices are left out
 * (AMB-1.8), and so is a device that reported a version that the release does not follow, or the
 * release itself.
 */
export function whereUsable(release: SelectedBy): (customers: Customers) => Expression<SqlBool> {
  const { deviceTypes = [], fromVersions = [] } = release.additional ?? {}
  return customers => {
    const isPcWithWishes = customers.and([
      customers('device_class', '=', 'pc'),
      customers('wanted_software', '!=', '[]'),
    ])
    const isWished = sql<boolean>`exists (select 1 from json_each(wanted_software) where value = ${release.softwareName})`
    const rules: Expression<SqlBool>[] = [
      customers('is_test_device', '=', 0),
      customers.or([
        customers('software_name', 'is not', release.softwareName),
        customers('software_version', 'is not', release.version),
      ]),
      customers.or([customers.not(isPcWithWishes), isWished]),
      deviceTypes.length > 0
        ? customers('device_type', 'in', deviceTypes)
        : customers.or([customers('vendor_name', '=', release.vendorName), isPcWithWishes]),
    ]
    if (fromVersions.length > 0) rules.push(customers('software_version', 'in', fromVersions))
    return customers.and(rules)
  }
}
