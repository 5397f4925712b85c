import { implement } from '@orpc/server'
import { CodedError } from '../base/coded-error'
import { contract, type CallMeta } from '../contract'
import { closedError, toCallError, writeToStandardError, type DefectLog } from './call-errors'
import { connect } from './connection'
import type { WorkbenchClock, WorkbenchServices } from './services'
import { isStream, leavable, mapStreamErrors } from './streams'

export type WorkbenchRouter = ReturnType<typeof createRouter>

export interface RouterOptions {
  /** Hears of failures that callers are only told of in general words. */
  readonly logDefect?: DefectLog
  /** From then on every call is refused. */
  readonly isClosed?: () => boolean
}

/** Joins the contract to the services, one handler a procedure. */
export function createRouter(
  services: WorkbenchServices,
  { logDefect = writeToStandardError, isClosed = () => false }: RouterOptions = {},
) {
  const { app, vendor, carrier, rollouts, settlement, mail, network } = services
  const { delta, handsets, images, restore, trace, audit, actions, clock } = services
  // The index lets the first middleware also see what input validation throws, while the second
  // only gets input that was accepted.
  const os = implement(contract)
    .$config({ initialInputValidationIndex: -1 })
    .use(async ({ path, next }, _input, answer) => {
      const inWords = (error: unknown) => toCallError(error, path.join('.'), logDefect)
      try {
        if (isClosed()) throw closedError()
        const { output } = await next()
        return answer(isStream(output) ? mapStreamErrors(output, inWords) : output)
      } catch (error) {
        throw inWords(error)
      }
    })
    .use(async ({ path, procedure, next }, input) => {
      const { action = false }: CallMeta = procedure['~orpc'].meta
      if (!action) return next()
      return recorded(actions, { call: path.join('.'), input }, async () => next())
    })
  return os.router({
    app: {
      hello: os.app.hello.handler(() => app.hello()),
      settings: os.app.settings.handler(() => app.settings()),
      changeSettings: os.app.changeSettings.handler(({ input }) => app.changeSettings(input)),
      dismissNotice: os.app.dismissNotice.handler(({ input }) => app.dismissNotice(input)),
      connect: os.app.connect.handler(({ input, signal }) =>
        leavable(left => connect({ services, contract: input.contract, signal: left }), signal),
      ),
    },
    carrier: {
      server: os.carrier.server.handler(() => carrier.server()),
      operator: os.carrier.operator.handler(() => carrier.operator()),
      setOperator: os.carrier.setOperator.handler(({ input }) => carrier.setOperator(input)),
      releases: os.carrier.releases.handler(() => carrier.releases()),
      devices: os.carrier.devices.handler(() => carrier.devices()),
      updates: os.carrier.updates.handler(({ input }) => carrier.updates(input)),
      publish: os.carrier.publish.handler(({ input }) => carrier.publish(input)),
      withdraw: os.carrier.withdraw.handler(({ input }) => carrier.withdraw(input)),
      customers: os.carrier.customers.handler(({ input }) => rollouts.customers(input)),
      customer: os.carrier.customer.handler(({ input }) => rollouts.customer(input)),
      vendors: os.carrier.vendors.handler(() => rollouts.vendors()),
      addresses: os.carrier.addresses.handler(() => rollouts.addresses()),
      rollouts: os.carrier.rollouts.handler(({ input }) => rollouts.rollouts(input)),
      rollout: os.carrier.rollout.handler(({ input }) => rollouts.rollout(input)),
      history: os.carrier.history.handler(({ input }) => rollouts.history(input)),
      tasks: os.carrier.tasks.handler(({ input }) => rollouts.tasks(input)),
      rolloutDefaults: os.carrier.rolloutDefaults.handler(() => rollouts.rolloutDefaults()),
      putCustomers: os.carrier.putCustomers.handler(({ input }) => rollouts.putCustomers(input)),
      removeCustomers: os.carrier.removeCustomers.handler(({ input }) =>
        rollouts.removeCustomers(input),
      ),
      setDeviceToken: os.carrier.setDeviceToken.handler(({ input }) =>
        rollouts.setDeviceToken(input),
      ),
      setGatewayToken: os.carrier.setGatewayToken.handler(({ input }) =>
        rollouts.setGatewayToken(input),
      ),
      setVendor: os.carrier.setVendor.handler(({ input }) => rollouts.setVendor(input)),
      setAddress: os.carrier.setAddress.handler(({ input }) => rollouts.setAddress(input)),
      setRolloutDefaults: os.carrier.setRolloutDefaults.handler(({ input }) =>
        rollouts.setRolloutDefaults(input),
      ),
      markNotified: os.carrier.markNotified.handler(({ input }) => rollouts.markNotified(input)),
      configureRollout: os.carrier.configureRollout.handler(({ input }) =>
        rollouts.configureRollout(input),
      ),
      fetchRollout: os.carrier.fetchRollout.handler(({ input }) => rollouts.fetchRollout(input)),
      replaceMetadataKeys: os.carrier.replaceMetadataKeys.handler(() =>
        carrier.replaceMetadataKeys(),
      ),
      pauseRollout: os.carrier.pauseRollout.handler(({ input }) => rollouts.pauseRollout(input)),
      resumeRollout: os.carrier.resumeRollout.handler(({ input }) => rollouts.resumeRollout(input)),
      cancelRollout: os.carrier.cancelRollout.handler(({ input }) => rollouts.cancelRollout(input)),
      retryTasks: os.carrier.retryTasks.handler(({ input }) => rollouts.retryTasks(input)),
      answerForDevice: os.carrier.answerForDevice.handler(({ input }) =>
        rollouts.answerForDevice(input),
      ),
    },
    vendor: {
      list: os.vendor.list.handler(() => vendor.list()),
      releases: os.vendor.releases.handler(({ input }) => vendor.releases(input)),
      accessors: os.vendor.accessors.handler(({ input }) => vendor.accessors(input)),
      accesses: os.vendor.accesses.handler(({ input }) => vendor.accesses(input)),
      packages: os.vendor.packages.handler(() => vendor.packages()),
      root: os.vendor.root.handler(({ input }) => vendor.root(input)),
      create: os.vendor.create.handler(({ input }) => vendor.create(input)),
      register: os.vendor.register.handler(({ input }) => vendor.register(input)),
      notify: os.vendor.notify.handler(({ input }) => vendor.notify(input)),
      upload: os.vendor.upload.handler(({ input }) => vendor.upload(input)),
      setAccessor: os.vendor.setAccessor.handler(({ input }) => vendor.setAccessor(input)),
      removeAccessor: os.vendor.removeAccessor.handler(({ input }) => vendor.removeAccessor(input)),
      setCarrier: os.vendor.setCarrier.handler(({ input }) => vendor.setCarrier(input)),
      rotateKeys: os.vendor.rotateKeys.handler(({ input }) => vendor.rotateKeys(input)),
    },
    settlement: {
      server: os.settlement.server.handler(() => settlement.server()),
      account: os.settlement.account.handler(() => settlement.account()),
      invoices: os.settlement.invoices.handler(({ input }) => settlement.invoices(input)),
      payments: os.settlement.payments.handler(({ input }) => settlement.payments(input)),
      pay: os.settlement.pay.handler(({ input }) => settlement.pay(input)),
    },
    mail: {
      server: os.mail.server.handler(() => mail.server()),
      list: os.mail.list.handler(({ input }) => mail.list(input)),
      message: os.mail.message.handler(({ input }) => mail.message(input)),
      clear: os.mail.clear.handler(() => mail.clear()),
    },
    network: {
      server: os.network.server.handler(() => network.server()),
      devices: os.network.devices.handler(() => network.devices()),
      fleets: os.network.fleets.handler(() => network.fleets()),
      fleetDevices: os.network.fleetDevices.handler(({ input }) => network.fleetDevices(input)),
      connectHandset: os.network.connectHandset.handler(({ input }) =>
        network.connectHandset(input),
      ),
      addDevice: os.network.addDevice.handler(({ input }) => network.addDevice(input)),
      changeDevice: os.network.changeDevice.handler(({ input }) => network.changeDevice(input)),
      removeDevice: os.network.removeDevice.handler(({ input }) => network.removeDevice(input)),
      createFleet: os.network.createFleet.handler(({ input }) => network.createFleet(input)),
      removeFleet: os.network.removeFleet.handler(({ input }) => network.removeFleet(input)),
    },
    delta: {
      jobs: os.delta.jobs.handler(() => delta.jobs()),
      cut: os.delta.cut.handler(({ input }) => delta.cut(input)),
      make: os.delta.make.handler(({ input }) => delta.make(input)),
      cuts: os.delta.cuts.handler(({ input }) => delta.cuts(input)),
      cancel: os.delta.cancel.handler(({ input }) => delta.cancel(input)),
      watch: os.delta.watch.handler(({ input, signal }) =>
        leavable(left => delta.watch(input, left), signal),
      ),
    },
    handsets: {
      list: os.handsets.list.handler(() => handsets.list()),
      models: os.handsets.models.handler(() => handsets.models()),
      firmware: os.handsets.firmware.handler(() => handsets.firmware()),
      flash: os.handsets.flash.handler(({ input }) => handsets.flash(input)),
      ram: os.handsets.ram.handler(({ input }) => handsets.ram(input)),
      flashHealth: os.handsets.flashHealth.handler(({ input }) => handsets.flashHealth(input)),
      ramActivity: os.handsets.ramActivity.handler(({ input }) => handsets.ramActivity(input)),
      execution: os.handsets.execution.handler(({ input }) => handsets.execution(input)),
      clearExecution: os.handsets.clearExecution.handler(({ input }) =>
        handsets.clearExecution(input),
      ),
      screen: os.handsets.screen.handler(({ input }) => handsets.screen(input)),
      output: os.handsets.output.handler(({ input }) => handsets.output(input)),
      states: os.handsets.states.handler(({ input }) => handsets.states(input)),
      create: os.handsets.create.handler(({ input }) => handsets.create(input)),
      power: os.handsets.power.handler(({ input }) => handsets.power(input)),
      cutPower: os.handsets.cutPower.handler(({ input }) => handsets.cutPower(input)),
      plantFault: os.handsets.plantFault.handler(({ input }) => handsets.plantFault(input)),
      clearFaults: os.handsets.clearFaults.handler(({ input }) => handsets.clearFaults(input)),
      key: os.handsets.key.handler(({ input }) => handsets.key(input)),
      radio: os.handsets.radio.handler(({ input }) => handsets.radio(input)),
      cable: os.handsets.cable.handler(({ input }) => handsets.cable(input)),
      type: os.handsets.type.handler(({ input }) => handsets.type(input)),
      provision: os.handsets.provision.handler(({ input }) => handsets.provision(input)),
      secureRam: os.handsets.secureRam.handler(({ input }) => handsets.secureRam(input)),
      releaseRam: os.handsets.releaseRam.handler(({ input }) => handsets.releaseRam(input)),
      update: os.handsets.update.handler(({ input }) => handsets.update(input)),
      cancelUpdate: os.handsets.cancelUpdate.handler(({ input }) => handsets.cancelUpdate(input)),
      remove: os.handsets.remove.handler(({ input }) => handsets.remove(input)),
    },
    images: {
      list: os.images.list.handler(() => images.list()),
      info: os.images.info.handler(({ input }) => images.info(input)),
      remove: os.images.remove.handler(({ input }) => images.remove(input)),
    },
    observe: {
      trace: os.observe.trace.handler(({ input }) => trace.list(input)),
      message: os.observe.message.handler(({ input }) => trace.message(input.sequence)),
      audit: os.observe.audit.handler(({ input }) => audit.list(input)),
      actions: os.observe.actions.handler(({ input }) => actions.list(input)),
      clock: os.observe.clock.handler(() => ({ kind: clock.kind, now: clock.now() })),
      clearTrace: os.observe.clearTrace.handler(() => trace.clear()),
      advanceClock: os.observe.advanceClock.handler(({ input }) =>
        advance(clock, input.milliseconds),
      ),
    },
    restore: {
      ports: os.restore.ports.handler(() => restore.ports()),
      list: os.restore.list.handler(({ input }) => restore.list(input)),
      log: os.restore.log.handler(({ input }) => restore.log(input)),
      identify: os.restore.identify.handler(({ input }) => restore.identify(input)),
      plan: os.restore.plan.handler(({ input }) => restore.plan(input)),
      start: os.restore.start.handler(({ input }) => restore.start(input)),
      cancel: os.restore.cancel.handler(({ input }) => restore.cancel(input)),
      watch: os.restore.watch.handler(({ input, signal }) =>
        leavable(left => restore.watch(input, left), signal),
      ),
    },
  })
}

/** Keeps what was done on purpose, with its outcome, before the caller hears of it. */
export async function recorded<T>(
  actions: WorkbenchServices['actions'],
  action: { call: string; input: unknown },
  perform: () => Promise<T>,
): Promise<T> {
  let outcome = 'ok'
  try {
    return await perform()
  } catch (error) {
    outcome = error instanceof CodedError ? error.code : 'INTERNAL'
    throw error
  } finally {
    await actions.record({ ...action, outcome })
  }
}

async function advance(
  clock: WorkbenchClock,
  milliseconds: number,
): Promise<{ kind: 'virtual'; now: number }> {
  if (!clock.advance) {
    throw new CodedError('CLOCK_REAL', 'This workbench runs on real time; nobody can advance it.')
  }
  await clock.advance(milliseconds)
  return { kind: 'virtual', now: clock.now() }
}
