import type { Artifact } from './artifact-shelf'
import { DDI_BASE } from './messages'
import type { PolledDevice, PolledTask, ShownTask } from './polling-store'

/** How soon a device is to come again, in seconds below a day. */
export interface PollingPace {
  /** One that was never seen, or has something to do. */
  readonly busy: number
  readonly idle: number
}

interface Link {
  readonly href: string
}

/** Poll: what there is for a device now. */
export interface PollAnswer {
  readonly config: { readonly polling: { readonly sleep: string } }
  readonly _links: {
    readonly configData?: Link
    readonly deploymentBase?: Link
    readonly cancelAction?: Link
    readonly confirmationBase?: Link
    readonly installedBase?: Link
  }
}

/**
 * Links are there only where they lead to something. Outside its window a device has no active
 * task, and so no `deploymentBase`: `skip` is never said, for agents report it as a success.
 */
export function pollAnswer(
  device: PolledDevice,
  { origin, pace }: { readonly origin: string; readonly pace: PollingPace },
): { readonly answer: PollAnswer; readonly deployed: ShownTask | undefined } {
  const { toldTaskId, installedTaskId, shown } = device
  const base = `${origin}${DDI_BASE}/${encodeURIComponent(device.deviceId)}`
  const open = shown.find(({ state }) => state !== 'awaiting-answer')
  const asked = shown.find(({ state }) => state === 'awaiting-answer')
  const isCancelled = toldTaskId !== null && device.toldState === 'cancelled'
  // One thing after the other: it lets go of what was cancelled first.
  const deployed = isCancelled ? undefined : open
  const link = (path: string) => ({ href: `${base}/${path}` })
  const isBusy = open !== undefined || asked !== undefined || isCancelled
  const answer = {
    config: {
      polling: { sleep: asSleep(device.seenAt === null || isBusy ? pace.busy : pace.idle) },
    },
    _links: {
      ...(device.reportedAt === null ? { configData: link('configData') } : {}),
      ...(isCancelled ? { cancelAction: link(`cancelAction/${toldTaskId}`) } : {}),
      ...(deployed
        ? { deploymentBase: link(`deploymentBase/${deployed.id}?c=${deployed.attempts}`) }
        : {}),
      ...(asked ? { confirmationBase: link(`confirmationBase/${asked.id}`) } : {}),
      ...(installedTaskId === null
        ? {}
        : { installedBase: link(`installedBase/${installedTaskId}`) }),
    },
  }
  return { answer, deployed }
}

/** Hours, minutes and seconds. */
function asSleep(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(11, 19)
}

/** As a device saves it; no character of it means anything to a shell or a path. */
export function fileNameOf({ rollout }: PolledTask, { extension }: Pick<Artifact, 'extension'>) {
  const plain = (text: string) => text.replaceAll(/[^A-Za-z0-9._-]+/g, '-').slice(0, 64)
  return `${plain(rollout.softwareName)}-${plain(rollout.version)}.${extension}`
}

/** An action: one module with one file. Without an address it only says what there would be. */
export function deploymentAnswer(
  task: PolledTask,
  artifact: Artifact,
  { key, href }: { readonly key: 'deployment' | 'confirmation'; readonly href: string | undefined },
) {
  const { softwareName, version } = task.rollout
  const { sha1, md5, sha256, bytes } = artifact
  const links =
    href === undefined ? {} : { _links: { download: { href }, 'download-http': { href } } }
  const file = {
    filename: fileNameOf(task, artifact),
    hashes: { sha1, md5, sha256 },
    size: bytes.length,
    ...links,
  }
  return {
    // RAUC's agent takes a text only.
    id: String(task.id),
    [key]: {
      download: 'forced',
      update: 'forced',
      chunks: [{ part: 'os', version, name: softwareName, artifacts: [file] }],
    },
  }
}

export function cancelAnswer(taskId: number) {
  return { id: String(taskId), cancelAction: { stopId: String(taskId) } }
}
