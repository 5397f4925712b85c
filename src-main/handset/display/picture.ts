import { GLYPH_HEIGHT, GLYPH_WIDTH, glyphOf } from './glyphs'

export interface Point {
  readonly x: number
  readonly y: number
}

export const BYTES_PER_PIXEL = 2
/** One column between letters. */
const LETTER_WIDTH = GLYPH_WIDTH + 1

/** Draws into the memory of a display: RGB565, big-endian, row by row. */
export class Picture {
  readonly width: number
  readonly height: number
  readonly #pixels: Uint8Array

  constructor(pixels: Uint8Array, { width, height }: { width: number; height: number }) {
    this.width = width
    this.height = height
    this.#pixels = pixels
  }

  /** What lies outside is left out. */
  box(at: Point, size: { width: number; height: number }, color: number): void {
    const right = Math.min(this.width, at.x + size.width)
    const bottom = Math.min(this.height, at.y + size.height)
    for (let y = Math.max(0, at.y); y < bottom; y++) {
      for (let x = Math.max(0, at.x); x < right; x++) {
        const pixel = (y * this.width + x) * BYTES_PER_PIXEL
        this.#pixels[pixel] = color >> 8
        this.#pixels[pixel + 1] = color & 0xff
      }
    }
  }

  text(at: Point, text: string, { color, scale = 1 }: { color: number; scale?: number }): void {
    const dot = { width: scale, height: scale }
    for (const [index, letter] of Array.from(text).entries()) {
      const left = at.x + index * LETTER_WIDTH * scale
      for (const [row, bits] of glyphOf(letter).entries()) {
        for (let column = 0; column < GLYPH_WIDTH; column++) {
          if (((bits >> (GLYPH_WIDTH - 1 - column)) & 1) === 0) continue
          this.box({ x: left + column * scale, y: at.y + row * scale }, dot, color)
        }
      }
    }
  }

  /** The same in the middle of a line. */
  centered(y: number, text: string, style: { color: number; scale?: number }): void {
    const width = (text.length * LETTER_WIDTH - 1) * (style.scale ?? 1)
    this.text({ x: Math.floor((this.width - width) / 2), y }, text, style)
  }
}

export const LINE_HEIGHT = GLYPH_HEIGHT + 3
