import type { VendorAccess, VendorRelease } from '../../../src-main/contract/vendor'
import type { Look } from '../../components/tones'

export const RELEASE_LOOKS: Readonly<Record<VendorRelease['state'], Look>> = {
  registered: ['calm', 'info'],
  notified: ['calm', 'arrow'],
  'handed-out': ['good', 'check'],
  returned: ['bad', 'back'],
}

export const ACCESS_LOOKS: Readonly<Record<VendorAccess['outcome'], Look>> = {
  demanded: ['calm', 'lock'],
  'handed-out': ['good', 'check'],
  refused: ['bad', 'error'],
  returned: ['caution', 'back'],
}
