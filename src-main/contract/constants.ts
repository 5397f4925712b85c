// Apart from the schemas, so that the window can have these without them.

/** Rises when a client of the version before could misread an answer. */
export const CONTRACT_VERSION = 1

export const IMAGE_FILE_BYTES_MAX = 64 * 1024 * 1024
/** Of the software of one release, whatever its kind. */
export const PACKAGE_BYTES_MAX = 1024 * 1024 * 1024

/** Of a vendor's TUF root, as JSON. */
export const METADATA_ROOT_BYTES_MAX = 64 * 1024
/** Of a handset's memory, in one call. */
export const FLASH_READ_BYTES_MAX = 65_536
/** To a handset over its line, in one call. */
export const TYPED_BYTES_MAX = 4096
/** So much of what a handset printed is kept. */
export const OUTPUT_BYTES_MAX = 65_536
