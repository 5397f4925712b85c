import { describe, expect, test } from 'vitest'
import type { TaskState } from '../../../src-main/contract/rollouts'
import { ask } from '../../http/raw-request'
import { MINATO, SHINJUKU } from '../customers/fixture'
import { answerAt, consentBench, DAY_MS } from './consent-bench'

async function asked(...given: Parameters<typeof consentBench>) {
  const bench = await consentBench(...given)
  await bench.begin()
  await bench.desk.ask(bench.rollout)
  const link = await bench.linkOf('ABC-123')
  const text = async (language = 'en') =>
    (await fetch(link, { headers: { 'accept-language': language } })).text()
  return { ...bench, link, text }
}

describe('the page of a question', () => {
  test('shows the release, its price and the deadline, and asks [S1-54]', async () => {
    const { text } = await asked({ deadline: Date.UTC(2030, 0, 4) })
    const page = await text()
    expect(page).toContain('<html lang="en">')
    expect(page).toContain('<dd>router-os 2.0.0</dd>')
    expect(page).toContain('<dd>1500 JPY</dd>')
    expect(page).toContain('January 4, 2030')
    expect(page).toContain('Do you want this update?')
    expect(page).toContain('You have not answered yet.')
  })

  test.each([
    ['ja', 'ja'],
    ['ja-JP,en;q=0.5', 'ja'],
    ['en;q=0.9, ja;q=0.8', 'en'],
    ['de, fr', 'en'],
    ['', 'en'],
  ])('is in the language of the browser: %s', async (accepted, language) => {
    const { link } = await asked()
    const answer = await fetch(link, { headers: { 'accept-language': accepted } })
    expect(await answer.text()).toContain(`<html lang="${language}">`)
    expect(answer.headers.get('content-language')).toBe(language)
  })

  test('runs no script, and is not remembered', async () => {
    const { link } = await asked()
    const { headers } = await fetch(link)
    const policy = headers.get('content-security-policy')
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toContain('script')
    expect(policy).toContain("frame-ancestors 'none'")
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('shows markup of others as text', async () => {
    const { text } = await asked({ softwareName: `<img src=x onerror="a('&')">` })
    const page = await text()
    expect(page).not.toContain('<img')
    expect(page).toContain('&lt;img src=x onerror=&quot;a(&#39;&amp;&#39;)&quot;&gt;')
  })

  test('is read without effect', async () => {
    const { link, task, text } = await asked()
    await text()
    await fetch(`${link}?answer=yes`)
    await fetch(link, { method: 'HEAD' })
    expect(await task('ABC-123')).toMatchObject({ state: 'awaiting-answer', answer: null })
  })

  test('with another token does not exist, which is audited', async () => {
    const { address, refusals } = await asked()
    const answer = await fetch(`${address}/pages/consent/${'A'.repeat(43)}`)
    expect(answer.status).toBe(404)
    expect(await answer.text()).toContain('There is no such question.')
    const posted = await answerAt(`${address}/pages/consent/x`, 'answer=yes')
    expect(posted.status).toBe(404)
    expect(await refusals()).toEqual(['QUESTION_UNKNOWN', 'QUESTION_UNKNOWN'])
  })
})

describe('an answer', () => {
  test.each([
    ['yes', 'update', 'Yes, update'],
    ['no', 'do-not-update', 'No, do not update'],
  ])('%s is recorded in the customer table', async (answer, column, shown) => {
    const { customers, link, messages, task, text } = await asked()
    const answered = await answerAt(link, `answer=${answer}`)
    expect(answered.status).toBe(303)
    expect(answered.headers.get('location')).toBe(new URL(link).pathname)
    const row = await customers.customer({ deviceId: 'ABC-123' })
    expect(row.updateManagement).toBe(column)
    expect(await task('ABC-123')).toMatchObject({ answer })
    expect(await text()).toContain(`Your answer: ${shown}`)
    expect(messages()[0]).toMatchObject({ label: '1:S53', from: 'manager', to: 'carrier' })
    const other = await customers.customer({ deviceId: 'XYZ-987' })
    expect(other.updateManagement).toBe(SHINJUKU.updateManagement)
  })

  test('may be changed and given twice until the download begins', async () => {
    const { link, task } = await asked()
    for (const answer of ['yes', 'yes', 'no', 'yes']) await answerAt(link, `answer=${answer}`)
    expect(await task('ABC-123')).toMatchObject({ state: 'agreed', answer: 'yes' })
  })

  test('on the second of three days counts', async () => {
    const { clock, link, task } = await asked()
    await clock.advance(2 * DAY_MS)
    expect((await answerAt(link, 'answer=yes')).status).toBe(303)
    expect(await task('ABC-123')).toMatchObject({ state: 'agreed' })
  })

  test('after the deadline has no effect, and the page says so', async () => {
    const { clock, customers, link, messages, task, text } = await asked()
    await clock.advance(3 * DAY_MS)
    expect(await text()).not.toContain('<form')
    const late = await answerAt(link, 'answer=yes')
    expect(late.status).toBe(409)
    expect(await late.text()).toContain('Your answer came too late and has no effect.')
    expect(await task('ABC-123')).toMatchObject({ state: 'awaiting-answer', answer: null })
    const row = await customers.customer({ deviceId: 'ABC-123' })
    expect(row.updateManagement).toBe(MINATO.updateManagement)
    expect(messages().at(-1)).toMatchObject({ outcome: 'refused', fields: { code: 'ANSWER_LATE' } })
  })

  test.each<[TaskState, string]>([
    ['no-answer', 'The time to answer is over.'],
    ['downloading', 'The download has begun.'],
    ['paid', 'The download has begun.'],
    ['cancelled', 'The update was cancelled.'],
  ])('is not asked for any more in state %s', async (state, said) => {
    const { move, text } = await asked()
    await move(state)
    const page = await text()
    expect(page).toContain(said)
    expect(page).not.toContain('<form')
  })

  test.each([
    ['neither yes nor no', 'answer=perhaps'],
    ['both', 'answer=yes&answer=no'],
    ['nothing', ''],
    ['too much', `answer=yes&x=${'x'.repeat(2000)}`],
  ])('of %s is refused', async (_what, body) => {
    const { link, task } = await asked()
    const answer = await answerAt(link, body)
    expect([400, 413]).toContain(answer.status)
    expect(await task('ABC-123')).toMatchObject({ answer: null })
  })

  test('as JSON is refused', async () => {
    const { link } = await asked()
    const answer = await answerAt(link, '{"answer":"yes"}', { 'content-type': 'application/json' })
    expect(answer.status).toBe(415)
  })

  test('that another page sends is refused, one of the page itself is taken', async () => {
    const { address, link, task } = await asked()
    const sent = (origin: string) =>
      ask({
        port: Number(new URL(address).port),
        method: 'POST',
        path: new URL(link).pathname,
        headers: {
          host: new URL(address).host,
          origin,
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: 'answer=yes',
      })
    expect((await sent('http://evil.example')).status).toBe(403)
    expect((await sent('null')).status).toBe(403)
    expect(await task('ABC-123')).toMatchObject({ answer: null })
    expect((await sent(address)).status).toBe(303)
    expect(await task('ABC-123')).toMatchObject({ answer: 'yes' })
  })
})
