import { describe, expect, test } from 'vitest'
import { DisplayController } from '../../../src-main/handset/display/display-controller'

const SIZE = { width: 4, height: 3 }

class Panel {
  readonly pixels = new Uint8Array(SIZE.width * SIZE.height * 2)
  readonly controller = new DisplayController(this.pixels, SIZE)

  send(command: number, ...data: number[]): this {
    this.controller.take(command, false)
    for (const byte of data) this.controller.take(byte, true)
    return this
  }

  /** Low bytes of the pixels, row by row. */
  get rows(): string[] {
    const low = [...this.pixels].filter((_, index) => index % 2 === 1)
    return Array.from({ length: SIZE.height }, (_, y) =>
      low.slice(y * SIZE.width, (y + 1) * SIZE.width).join(' '),
    )
  }
}

const pixels = (...low: number[]) => low.flatMap(byte => [0, byte])

describe('the display', () => {
  test('is on once it is awake and switched on', () => {
    const panel = new Panel()
    expect(panel.send(0x29).controller.on).toBe(false)
    expect(panel.send(0x11).controller.on).toBe(true)
    expect(panel.send(0x28).controller.on).toBe(false)
    expect(panel.send(0x29).send(0x01).controller.on).toBe(false)
  })

  test('fills its window row by row and begins again at its end', () => {
    const panel = new Panel()
    panel
      .send(0x2a, 0, 1, 0, 2)
      .send(0x2b, 0, 1, 0, 2)
      .send(0x2c, ...pixels(1, 2, 3, 4, 5))
    expect(panel.rows).toEqual(['0 0 0 0', '0 5 2 0', '0 3 4 0'])
    expect(panel.controller.revision).toBe(5)
  })

  test('keeps the high byte first, and a pixel only when it is whole', () => {
    const panel = new Panel().send(0x2c, 0xf8, 0x1f, 0x07)
    expect(Array.from(panel.pixels.slice(0, 4))).toEqual([0xf8, 0x1f, 0, 0])
    panel.send(0x2c, 0xe0, 0x01)
    expect(Array.from(panel.pixels.slice(0, 4))).toEqual([0xe0, 0x01, 0, 0])
  })

  test('clips a window that leaves the glass', () => {
    const panel = new Panel()
    panel
      .send(0x2a, 0, 3, 0, 4)
      .send(0x2b, 0, 2, 0xff, 0xff)
      .send(0x2c, ...pixels(1, 2, 3, 4))
    expect(panel.rows).toEqual(['0 0 0 0', '0 0 0 0', '0 0 0 1'])
  })

  test('swallows the data of commands that it does not know, and spans that end too early', () => {
    const panel = new Panel().send(0x36, 1, 2, 3).send(0xb1, 4, 5).send(0x2a, 0, 2, 0, 1)
    panel.send(0x2c, ...pixels(7))
    expect(panel.rows[0]).toBe('7 0 0 0')
  })

  test('counts changes, not writes', () => {
    const panel = new Panel().send(0x2c, ...pixels(7, 7)).send(0x2c, ...pixels(7, 8))
    expect(panel.controller.revision).toBe(3)
  })
})
