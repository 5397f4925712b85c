/** TUF metadata as signed, by repository: a vendor's own, or the carrier's for a vendor. */
export interface MetadataTable {
  /** `vendor:NAME` or `carrier:NAME`. */
  repository: string
  role: 'root' | 'targets' | 'snapshot' | 'timestamp'
  version: number
  /** JSON as its signatures cover it. */
  document: string
  created_at: number
}

export interface MetadataKeysTable {
  repository: string
  role: MetadataTable['role']
  key_id: string
  /** PKCS#8 PEM. */
  private_key: string
  created_at: number
  /** Null: in use. */
  retired_at: number | null
}

export interface MetadataTables {
  metadata: MetadataTable
  metadata_keys: MetadataKeysTable
}
