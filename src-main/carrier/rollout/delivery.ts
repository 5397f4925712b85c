import type { CatalogueRelease } from '../catalogue'
import type { Customer } from '../../contract/rollouts'
import type { GivenAnswer } from '../../wire/device/messages'
import type { DeviceAccess } from './device-access'
import type { Delivery, DeliveryEnd, DeliveryOrder } from './ports'
import type { TerminalTasks } from './terminal-tasks'

export interface DeviceDeliveryParts {
  readonly access: DeviceAccess
  readonly terminals: TerminalTasks
  readonly releaseOf: (rolloutId: number) => Promise<CatalogueRelease | undefined>
}

/** Brings software to one device and waits until it has it, also where it fetches it itself. */
export class DeviceDelivery implements Delivery {
  readonly #parts: DeviceDeliveryParts

  constructor(parts: DeviceDeliveryParts) {
    this.#parts = parts
  }

  async deliver(order: DeliveryOrder): Promise<DeliveryEnd> {
    const { access, terminals, releaseOf } = this.#parts
    const { terminalId } = order.customer
    const release = await releaseOf(order.rollout.id)
    if (terminalId === null || !release) return endOf(await access.bring(order), order)
    const cut = new AbortController()
    const signal = AbortSignal.any([order.signal, cut.signal])
    // Before the notice: the handset asks at once.
    const { onProgress } = order
    const updated = terminals.expected(terminalId, release, { signal, onProgress })
    const end = await access.bring(order)
    if (end.outcome === 'noticed') return updated
    cut.abort()
    return end
  }

  testSignal(
    customer: Customer,
    signal: string,
    cut: AbortSignal,
  ): Promise<GivenAnswer | undefined> {
    return this.#parts.access.testSignal(customer, signal, cut)
  }
}

function endOf(
  end: Awaited<ReturnType<DeviceAccess['bring']>>,
  { customer }: DeliveryOrder,
): DeliveryEnd {
  if (end.outcome !== 'noticed') return end
  const reason = `${customer.deviceId} asks for updates itself, but its row has no terminal ID.`
  return { outcome: 'failed', reason }
}
