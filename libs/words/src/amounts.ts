const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** A number of bytes for people: `64 MiB`. */
export function sizeText(bytes: number): string {
  const step = bytes < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10))
  const amount = bytes / 1024 ** step
  const digits = step > 0 && amount < 10 ? 1 : 0
  return `${amount.toFixed(digits).replace(/\.0$/u, '')} ${units[step]}`
}

/** How long something plays: `0:07`, `1:02:03`. */
export function durationText(ms: number): string {
  const seconds = Math.round(ms / 1000)
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  const rest = two(seconds % 60)
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`
}

/** A moment in this machine's time zone: `2026-11-21 10:04:07`. */
export function timeText(ms: number): string {
  const date = new Date(ms)
  if (Number.isNaN(date.getTime())) return '-'
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-')
  return `${day} ${clockOf(date)}`
}

/** As `timeText`, without the day when that is today. */
export function clockText(ms: number, nowMs: number = Date.now()): string {
  const text = timeText(ms)
  const today = timeText(nowMs).slice(0, 10)
  return text.startsWith(today) ? text.slice(11) : text
}

function clockOf(date: Date): string {
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
