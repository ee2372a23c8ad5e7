import { readFile, readdir } from 'node:fs/promises'

/** Process ids of the children of a process. */
export async function childrenOf(pid: number): Promise<number[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const parents = await Promise.all(
    ids.map(async (id) => {
      const status = await readFile(`/proc/${id}/status`, 'latin1').catch(() => '')
      return { id: Number(id), parent: Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]) }
    }),
  )
  return parents.filter(({ parent }) => parent === pid).map(({ id }) => id)
}

/** True while the process is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
