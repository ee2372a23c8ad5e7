/** Where this process finds programs; Debian puts servers where an ordinary user's PATH does not look. */
export function programFolders(): string[] {
  const fromPath = (process.env['PATH'] ?? '').split(':')
  return [...fromPath, '/usr/sbin', '/usr/local/sbin', '/usr/local/bin'].filter(Boolean)
}
