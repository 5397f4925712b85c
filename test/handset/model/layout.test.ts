import { describe, expect, test } from 'vitest'
import { deviceKeyRange } from '../../../src-main/handset/boot/identity'
import { HANDOVER } from '../../../src-main/handset/cpu/firmware-interface'
import { regionOf } from '../../../src-main/handset/model/model'
import { modelNamed, modelNames } from '../../../src-main/handset/service/models'

test('the models are k1, k2 and the one of the specification’s RAM example', () => {
  expect(modelNames()).toEqual(['k1', 'k2', 'spec-ram'])
})

describe.each(modelNames())('the layout of the model %s', name => {
  const model = modelNamed(name)
  const { ram, flash, execution } = model

  test('gives every sector of the flash to one region', () => {
    const inOrder = model.regions.toSorted((a, b) => a.address - b.address)
    let end = 0
    for (const { address, bytes } of inOrder) {
      expect(address).toBe(end)
      end = address + bytes
    }
    expect(end).toBe(flash.bytes)
  })

  test('puts the vectors behind the descriptor, where a Cortex-M0+ takes a table', () => {
    const table = execution.windowAddress + regionOf(model, 'executable').address
    expect(execution.vectorOffset).toBeGreaterThanOrEqual(0x40 + 64)
    expect((table + execution.vectorOffset) % 256).toBe(0)
  })

  test('lets flash and RAM be seen in different places', () => {
    const flashEnd = execution.windowAddress + flash.bytes
    expect(flashEnd <= ram.address || ram.address + ram.bytes <= execution.windowAddress).toBe(true)
  })

  test('lays tasks side by side, the one that is limited first next to free memory', () => {
    const free = ram.handoverAddress ?? ram.address + ram.bytes
    const ends = ram.tasks.map((_task, index) => ram.tasks[index + 1]?.address)
    for (const [index, { address, bytes }] of ram.tasks.entries()) {
      expect(address + bytes).toBe(ends[index] ?? address + bytes)
    }
    expect(ram.tasks[0]?.address).toBe(ram.address)
    expect(ram.tasks.at(-1)!.address + ram.tasks.at(-1)!.bytes).toBeLessThanOrEqual(free)
    const ranks = ram.tasks.map(({ limitRank }) => limitRank)
    expect(ranks.filter(rank => rank !== null)).toEqual([3, 2, 1])
    expect(ranks.slice(-3)).toEqual([3, 2, 1])
  })

  test('keeps the device key inside the identity region', () => {
    const identity = regionOf(model, 'identity')
    const key = deviceKeyRange(model)
    expect(key.address).toBeGreaterThan(identity.address)
    expect(key.address + key.bytes).toBeLessThan(identity.address + identity.bytes)
  })
})

test.each(['k1', 'k2'])(
  'boot code and software of the %s meet in the last page of the RAM',
  name => {
    const { ram } = modelNamed(name)
    expect(ram.handoverAddress).toBe(0x2004_1000)
    expect(HANDOVER.bytes).toBe(ram.address + ram.bytes - 0x2004_1000)
  },
)
