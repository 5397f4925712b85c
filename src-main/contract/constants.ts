// Apart from the schemas, so that the window can have these without them.

/** Rises when a client of the version before could misread an answer. */
export const CONTRACT_VERSION = 1

export const IMAGE_FILE_BYTES_MAX = 64 * 1024 * 1024
