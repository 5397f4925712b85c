import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

export interface Question {
  readonly title: string
  readonly text: string
  /** Words of the button that goes ahead. */
  readonly action: string
}

/** Asks before something is lost. One question at a time; a second one takes the first's place. */
export const useConfirm = defineStore('confirm', () => {
  const question = shallowRef<Question | null>(null)
  let settle: (agreed: boolean) => void = () => {}

  function ask(asked: Question): Promise<boolean> {
    settle(false)
    question.value = asked
    return new Promise(done => (settle = done))
  }

  function answer(agreed: boolean): void {
    question.value = null
    settle(agreed)
  }

  return { question, ask, answer }
})
