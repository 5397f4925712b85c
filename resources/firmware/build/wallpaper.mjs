// Paints the wallpapers. Only sums, products and square roots are used, which give the same bits
// on every machine.

export const WALLPAPER_WIDTH = 128
export const WALLPAPER_HEIGHT = 132
const LEVELS = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5]

/** Sixteen colours and an index a pixel; colours between two of a ramp are dithered. */
export function paintWallpaper(version) {
  return version.startsWith('1.') ? paintMorning() : paintBowl()
}

function grid(colourAt) {
  const pixels = []
  for (let y = 0; y < WALLPAPER_HEIGHT; y++) {
    for (let x = 0; x < WALLPAPER_WIDTH; x++) pixels.push(colourAt(x, y))
  }
  return pixels
}

/** Index of a ramp that begins at `first`, dithered by the place of the pixel. */
function shade({ x, y, first, steps, value }) {
  const clamped = Math.min(Math.max(value, 0), steps - 1.001)
  const whole = Math.floor(clamped)
  const threshold = (LEVELS[(y % 4) * 4 + (x % 4)] + 0.5) / 16
  return first + whole + (clamped - whole > threshold ? 1 : 0)
}

/** The sun rises behind hills over a sea of overlapping waves. */
function paintMorning() {
  const palette = [
    0x2f5f9e, 0x4f86bf, 0x80b0d4, 0xb5d0dc, 0xf0dcc0, 0xf7c394, 0xf6e9a8, 0xf5b544, 0x3b5568,
    0x2b4152, 0x1f3140, 0x16405f, 0x23648a, 0x4f95b4, 0xa8d4dc, 0xf4fbf8,
  ]
  const pixels = grid((x, y) => {
    if (y >= 88) return wave(x, y)
    if (y > 74 + ridge(x, 37) / 2) return 10
    if (y > 62 + ridge(x + 50, 53)) return 9
    if (y > 54 + ridge(x + 11, 71)) return 8
    const [dx, dy] = [x - 88, y - 50]
    const distance = Math.sqrt(dx * dx + dy * dy)
    if (distance < 15) return 7
    if (distance < 18 && (x + y) % 2 === 0) return 6
    return shade({ x, y, first: 0, steps: 6, value: y / 13 })
  })
  return { palette, pixels }
}

/** Hills of parabolas of a period. */
function ridge(x, period) {
  const at = (x % period) / period
  return Math.floor(46 * (at - 0.5) * (at - 0.5))
}

/** Seigaiha: rows of concentric half circles, each row before the one behind it. */
function wave(x, y) {
  const [step, radius] = [8, 12]
  const front = Math.floor((y - 88) / step)
  for (let row = front + 2; row >= 0; row--) {
    const centreY = 96 + row * step
    const shift = row % 2 === 0 ? 0 : radius
    const offset = (((x + shift) % (2 * radius)) + 2 * radius) % (2 * radius)
    const [dx, dy] = [offset - radius + 0.5, y - centreY]
    const distance = Math.sqrt(dx * dx + dy * dy)
    if (distance <= radius && y <= centreY) return ring(distance)
  }
  return 11
}

function ring(distance) {
  if (distance > 10.6) return 15
  if (distance > 8.6) return 12
  if (distance > 7.4) return 14
  if (distance > 5.2) return 12
  if (distance > 4) return 13
  if (distance > 1.8) return 11
  return 14
}

/** A dark bowl, broken once and mended with gold. */
function paintBowl() {
  const palette = [
    0x14121c, 0x1e1b29, 0x2a2638, 0x37324a, 0x0d1f26, 0x15333b, 0x1f4a52, 0x2f666c, 0x4d8a8a,
    0x84b5ae, 0x8a5a18, 0xc08a2c, 0xf0c75a, 0xfff0b8, 0x5a4632, 0x3a2c22,
  ]
  const seams = [
    [
      [18, 66],
      [34, 74],
      [42, 90],
      [56, 96],
      [66, 112],
    ],
    [
      [42, 90],
      [36, 106],
      [44, 117],
    ],
    [
      [110, 66],
      [98, 78],
      [84, 82],
      [76, 98],
      [66, 112],
    ],
    [
      [84, 82],
      [80, 70],
      [86, 60],
    ],
    [
      [56, 96],
      [60, 84],
      [54, 74],
      [58, 65],
    ],
    [
      [76, 98],
      [88, 104],
      [93, 100],
    ],
  ]
  const pixels = grid((x, y) => {
    const inside = bowlShade(x, y)
    if (inside === undefined) return tableOrWall(x, y)
    const distance = Math.min(...seams.map(seam => distanceTo(seam, x, y)))
    if (distance < 0.8) return 13
    if (distance < 1.5) return 12
    if (distance < 2.1) return 11
    if (distance < 2.6) return 10
    return inside
  })
  return { palette, pixels }
}

function bowlShade(x, y) {
  const [dx, dy] = [x - 64, y - 66]
  // The rim is a flat ellipse, the body half of a deeper one that stands on a foot.
  const rim = (dx * dx) / (50 * 50) + (dy * dy) / (9 * 9)
  if (rim <= 1) {
    if (rim > 0.84) return 9
    return shade({ x, y, first: 4, steps: 3, value: (y - 57) / 9 })
  }
  const body = (dx * dx) / (50 * 50) + (dy * dy) / (50 * 50)
  const isFoot = y >= 113 && y <= 120 && Math.abs(dx) <= 19
  if (isFoot) return y === 120 ? 4 : 5
  if (y < 66 || body > 1 || y > 114) return undefined
  const light = 4.4 - Math.abs(dx + 20) / 16 - (y - 66) / 24
  return shade({ x, y, first: 4, steps: 6, value: light })
}

function tableOrWall(x, y) {
  if (y < 106) {
    const [dx, dy] = [x - 40, y - 20]
    const glow = 3.2 - Math.sqrt(dx * dx + dy * dy) / 34
    return shade({ x, y, first: 0, steps: 4, value: glow })
  }
  const [dx, dy] = [x - 66, y - 120]
  if ((dx * dx) / (44 * 44) + (dy * dy) / 36 <= 1) return 0
  return (y * 3 + Math.floor(x / 40)) % 8 === 0
    ? 15
    : shade({ x, y, first: 14, steps: 2, value: 0.3 })
}

function distanceTo(points, x, y) {
  let nearest = Infinity
  for (let at = 1; at < points.length; at++) {
    const [[x0, y0], [x1, y1]] = [points[at - 1], points[at]]
    const [dx, dy] = [x1 - x0, y1 - y0]
    const along = ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy)
    const t = Math.min(Math.max(along, 0), 1)
    const [ex, ey] = [x - x0 - t * dx, y - y0 - t * dy]
    nearest = Math.min(nearest, Math.sqrt(ex * ex + ey * ey))
  }
  return nearest
}
