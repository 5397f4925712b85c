import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import type { DeviceTask, Rollout, TaskState } from '../../../../src-main/contract/rollouts'
import { useAnnouncer } from '../../../composables/announcer'
import { useProblem } from '../../../composables/attempt'
import { useConfirm } from '../../../composables/confirm'
import { useConnection } from '../../../rpc/connection'
import { useRollouts } from '../../../stores/rollouts'
import { useText } from '../../../text/i18n'

export type RolloutAction = 'fetchAgain' | 'pause' | 'resume' | 'cancel'

const OVER = new Set<Rollout['state']>(['closed', 'cancelled', 'returned'])

/** Which rollout a person looks at, which of its devices, and what is done with them. */
export const useRolloutsPane = defineStore('rollouts-pane', () => {
  const { t } = useText()
  const announcer = useAnnouncer()
  const confirm = useConfirm()
  const connection = useConnection()
  const rollouts = useRollouts()
  const { problem, attempt } = useProblem()

  const id = ref<number | null>(null)
  /** Only tasks in this state; null: all. */
  const taskState = ref<TaskState | null>(null)
  const filter = ref('')
  const task = ref<DeviceTask | null>(null)
  const isBusy = ref(false)

  const rollout = computed<Rollout | null>(
    () => rollouts.list.find(one => one.id === id.value) ?? rollouts.list[0] ?? null,
  )

  function choose(wanted: number): void {
    id.value = wanted
    taskState.value = null
    filter.value = ''
    task.value = null
    problem.value = null
  }

  // A newer one that comes takes nobody's place: what is under the hand stays what it was.
  watch(rollout, one => {
    if (one && one.id !== id.value) choose(one.id)
  })

  function can(action: RolloutAction): boolean {
    const one = rollout.value
    if (!one || !connection.isConnected || isBusy.value) return false
    if (action === 'fetchAgain') return one.state === 'auth-refused' || one.state === 'notified'
    if (OVER.has(one.state)) return false
    if (action === 'pause') return !one.isPaused
    return action === 'resume' ? one.isPaused : true
  }

  async function run(action: RolloutAction): Promise<void> {
    const one = rollout.value
    if (!one || !can(action)) return
    if (action === 'cancel' && !(await mayCancel(one))) return
    isBusy.value = true
    await attempt(() => rollouts[action](one.id))
    isBusy.value = false
  }

  function mayCancel({ softwareName: name, version }: Rollout): Promise<boolean> {
    return confirm.ask({
      title: t('rollouts.cancelTitle'),
      text: t('rollouts.cancelText', { name, version }),
      action: t('rollouts.cancel'),
    })
  }

  /** Without a device: all that failed or were abandoned. */
  async function retry(deviceId?: string): Promise<void> {
    const one = rollout.value
    if (!one) return
    await attempt(async () => {
      const devices = deviceId === undefined ? {} : { deviceIds: [deviceId] }
      const { retried } = await rollouts.retry({ id: one.id, ...devices })
      announcer.say(t('rollouts.retried', {}, retried))
    })
  }

  async function answer(deviceId: string, given: 'yes' | 'no'): Promise<void> {
    const one = rollout.value
    if (!one) return
    await attempt(async () => {
      task.value = await rollouts.answer({ id: one.id, deviceId, answer: given })
    })
  }

  return { id, taskState, filter, task, problem, rollout, choose, can, run, retry, answer }
})
