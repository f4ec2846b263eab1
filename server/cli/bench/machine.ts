/** What every staffing figure stands beside: the machine it was measured on, and a checksum of the answers. */
import { arch, availableParallelism, cpus, platform } from 'node:os'

export function machineFacts() {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    threads: availableParallelism(),
    node: process.version,
    os: `${platform()} ${arch()}`,
  }
}

const FNV_OFFSET = 0x811c9dc5

/** FNV-1a over whole numbers, goes on from an earlier one. */
export function foldChecksum(values: Float64Array, from: number = FNV_OFFSET): number {
  let hash = from
  for (const value of values) hash = Math.imul(hash ^ (value | 0), 0x01000193) >>> 0
  return hash
}

export function checksum(values: Float64Array): string {
  return checksumText(foldChecksum(values))
}

export function checksumText(hash: number): string {
  return hash.toString(16).padStart(8, '0')
}
