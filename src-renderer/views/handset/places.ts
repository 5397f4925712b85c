/** Elements that commands move the focus to. */
export const PHONE_ID = 'handset-phone'
export const TERMINAL_INPUT_ID = 'handset-terminal-input'
