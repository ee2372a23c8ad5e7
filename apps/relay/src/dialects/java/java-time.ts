/** A time as Java's `Date.toString` writes it, in UTC: `Thu Sep 22 18:21:16 UTC 2022`. */
export function javaTime(atMs: number): string {
  const [weekday = '', day = '', month = '', year = '', clock = ''] = new Date(atMs)
    .toUTCString()
    .split(/,? /)
  return `${weekday} ${month} ${day} ${clock} UTC ${year}`
}
